package sekisho.controls

import data.sekisho.lib.facts
import data.sekisho.lib.freshness
import data.sekisho.lib.protection
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: Who is protected is known
# description: >-
#   Every set of persons that a scan must leave out is of a day that is recent enough. Until it is, everybody counts as
#   one of them, so that nobody is shown.
# custom:
#   control: protection-current
granted contains "protection-current" if {
	facts.readable
	every scan in facts.scans {
		every name in protection.exclusions(scan) { protection.is_current(name, scan) }
	}
}

# METADATA
# title: Who is protected is known where a pseudonym is resolved
# description: >-
#   Likewise of every set that a holder leaves out, or shows by fewer items, when it resolves a pseudonym.
# custom:
#   control: protection-current
granted contains "protection-current" if {
	input.action in tickets.actions
	tickets.is_well_formed
	every look_up in input.ticket.look_ups {
		every name in tickets.sets_of(look_up) { protection.is_current(name, look_up) }
	}
}

# METADATA
# description: Such a set whose day is too long ago, or not known.
# custom:
#   control: protection-current
deny contains {"control": "protection-current", "on": "ticket.look_ups", "params": params} if {
	some look_up in input.ticket.look_ups
	some name in tickets.sets_of(look_up)
	not protection.is_current(name, look_up)
	class := object.get(data.guideline.named_sets, [name, "refresh"], "")
	params := {
		"dataset": look_up.dataset,
		"as_of": freshness.date_or_blank(object.get(input, ["datasets", look_up.dataset, "sets", name], "")),
		"max_days": freshness.limit_or_zero(class),
		"calendar": freshness.calendar_or_blank(class),
	}
}

# METADATA
# description: A scan that leaves out a set whose day is too long ago, or not known.
# custom:
#   control: protection-current
deny contains {"control": "protection-current", "on": scan.id, "params": params} if {
	some scan in facts.scans
	some name in protection.exclusions(scan)
	not protection.is_current(name, scan)
	class := object.get(data.guideline.named_sets, [name, "refresh"], "")
	params := {
		"dataset": scan.dataset,
		"as_of": freshness.date_or_blank(object.get(input, ["datasets", scan.dataset, "sets", name], "")),
		"max_days": freshness.limit_or_zero(class),
		"calendar": freshness.calendar_or_blank(class),
	}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: protection-current
unspecified["protection-current"] := {"dataset": "", "as_of": "", "max_days": 0, "calendar": ""}
