package sekisho.controls

import data.sekisho.lib.calendars
import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: What was used ahead is decided in time
# description: >-
#   Whoever has used a request before it was decided asks nothing more once the days for the decision are over, until
#   somebody has decided; and does not withdraw what was used.
# custom:
#   control: approved-afterwards
granted contains "approved-afterwards" if {
	input.action == "query"
	is_array(input.ahead)
	every use in input.ahead { _is_in_time(use) }
}

granted contains "approved-afterwards" if {
	input.action == "approval.withdraw"
	_is_not_used
}

# METADATA
# description: A use that nobody has decided on in time.
# custom:
#   control: approved-afterwards
deny contains {"control": "approved-afterwards", "on": "ahead", "params": {"approval": use.approval}} if {
	input.action == "query"
	some use in input.ahead
	not _is_in_time(use)
}

# METADATA
# description: A request that was used and shall be withdrawn.
# custom:
#   control: approved-afterwards
deny contains {"control": "approved-afterwards", "on": "approval", "params": {"approval": input.approval.id}} if {
	input.action == "approval.withdraw"
	shapes.is_name(input.approval.id)
	not _is_not_used
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: approved-afterwards
unspecified["approved-afterwards"] := {"approval": ""}

_is_not_used if {
	is_array(input.ahead)
	shapes.is_name(input.approval.id)
	every use in input.ahead { use.approval != input.approval.id }
}

# Under several kinds that are approved afterwards the shortest term counts.
_is_in_time(use) if {
	count(_terms) > 0
	every term in _terms { calendars.open_days(term.calendar, use.since, dates.today) <= term.within }
}

_terms contains kind.afterwards if {
	some kind in guideline.parameters.legal_bases
	is_object(kind.afterwards)
}
