# METADATA
# title: Tickets
# description: >-
#   A ticket of a controlled re-identification, as the broker states it: who asked, who decided, until when it counts,
#   and what the holders would be asked for. What it is worth, the controls say.
package sekisho.lib.tickets

import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The terms
# description: What the guideline lays down for re-identification. Undefined where it knows none.
terms := guideline.parameters.reidentification

# METADATA
# title: Actions on a ticket
# description: The actions that are about one ticket.
actions := {
	"reidentify.request", "reidentify.grant", "reidentify.reject", "reidentify.run",
	"reidentify.show", "reidentify.extend", "reidentify.close",
}

# METADATA
# title: A well-formed ticket
# description: Every field of the ticket is there and of its form.
is_well_formed if {
	input.ticket.state in {"new", "requested", "granted", "open", "ended", "rejected"}
	shapes.is_name_or_null(input.ticket.requester)
	shapes.is_name_or_null(input.ticket.decided_by)
	is_boolean(input.ticket.emergency)
	is_boolean(input.ticket.alert)
	shapes.is_name_or_null(input.ticket.verdict)
	shapes.is_names_or_empty(input.ticket.types)
	every number in ["hits", "reason", "contact", "wish", "wish_missing", "extensions", "granted_this_month"] {
		shapes.is_whole(input.ticket[number], 0)
	}
	_is_date_or_null(input.ticket.until)
	is_array(input.ticket.due)
	every day in input.ticket.due { dates.is_date(day) }
	is_array(input.ticket.look_ups)
	every look_up in input.ticket.look_ups { _is_look_up(look_up) }
}

# METADATA
# title: An emergency that waits
# description: It was asked for as one, and nobody has decided on it yet.
is_undecided_emergency if {
	input.ticket.emergency == true
	is_null(input.ticket.decided_by)
}

# METADATA
# title: Sets of a look-up
# description: The sets whose members a holder leaves out, or shows by fewer items.
sets_of(look_up) := {name | some name in look_up.leave_out} | {name | some name, _ in look_up.reduced}

_is_date_or_null(value) if is_null(value)

_is_date_or_null(value) if dates.is_date(value)

_is_look_up(look_up) if {
	shapes.is_name(look_up.dataset)
	shapes.is_names_or_empty(look_up.columns)
	shapes.is_name_or_null(look_up.among)
	shapes.is_names_or_empty(look_up.leave_out)
	is_object(look_up.reduced)
	every columns in look_up.reduced { shapes.is_names_or_empty(columns) }
	shapes.is_name_or_null(look_up.alert)
}
