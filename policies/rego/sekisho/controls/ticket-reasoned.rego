package sekisho.controls

import data.sekisho.lib.shapes
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: A request says why
# description: >-
#   A reason of the length that the guideline asks for, what contact is planned, and at least one indicator that was
#   met; in an emergency the indicator may be missing.
# custom:
#   control: ticket-reasoned
granted contains "ticket-reasoned" if _says_why

# METADATA
# description: A reason is missing, or too short.
# custom:
#   control: ticket-reasoned
deny contains {"control": "ticket-reasoned", "on": "ticket.reason", "params": {}} if {
	not _says_why
}

_says_why if {
	shapes.is_whole(tickets.terms.reason_characters, 1)
	shapes.is_whole(input.ticket.reason, tickets.terms.reason_characters)
	shapes.is_whole(input.ticket.contact, 1)
	_has_an_indicator
}

_has_an_indicator if shapes.is_whole(input.ticket.hits, 1)

_has_an_indicator if input.ticket.emergency == true
