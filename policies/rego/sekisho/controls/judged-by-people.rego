package sekisho.controls

import data.sekisho.lib.shapes
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: People have judged, and say why
# description: >-
#   A view ends with a verdict that the guideline knows and a reason of the length that it asks for. What was never
#   carried out ends without.
# custom:
#   control: judged-by-people
granted contains "judged-by-people" if _people_have_judged

# METADATA
# description: No verdict, one that is unknown, or no reason.
# custom:
#   control: judged-by-people
deny contains {"control": "judged-by-people", "on": "ticket.verdict", "params": {}} if {
	not _people_have_judged
}

_people_have_judged if input.ticket.state in {"requested", "granted"}

_people_have_judged if {
	shapes.is_name(input.ticket.verdict)
	is_boolean(tickets.terms.verdicts[input.ticket.verdict].wish)
	shapes.is_whole(tickets.terms.reason_characters, 1)
	shapes.is_whole(input.ticket.reason, tickets.terms.reason_characters)
}
