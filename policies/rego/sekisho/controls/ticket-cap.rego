package sekisho.controls

import data.sekisho.lib.shapes
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: A number a month
# description: >-
#   Fewer were granted this month than the guideline allows. What had to be seen at once is not counted, and never held
#   back; nor is an emergency.
# custom:
#   control: ticket-cap
granted contains "ticket-cap" if _is_within_the_month

# METADATA
# description: The number of the month is reached.
# custom:
#   control: ticket-cap
deny contains {"control": "ticket-cap", "on": "ticket.granted_this_month", "params": {}} if {
	not _is_within_the_month
}

_is_within_the_month if {
	shapes.is_whole(tickets.terms.monthly_cap, 1)
	shapes.is_whole(input.ticket.granted_this_month, 0)
	input.ticket.granted_this_month < tickets.terms.monthly_cap
}

_is_within_the_month if input.ticket.alert == true

_is_within_the_month if input.ticket.emergency == true
