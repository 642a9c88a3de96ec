package sekisho.controls

import data.sekisho.lib.shapes
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: Decided by another person of the right post
# description: >-
#   Whoever decides on a ticket, or on its extension, is not the person who asked, and holds a post that the guideline
#   names for it.
# custom:
#   control: ticket-decider
granted contains "ticket-decider" if _may_decide_on_it

# METADATA
# description: The person who asked, or another post.
# custom:
#   control: ticket-decider
deny contains {"control": "ticket-decider", "on": "principal.post", "params": {}} if {
	not _may_decide_on_it
}

_may_decide_on_it if {
	shapes.is_name(input.principal.id)
	shapes.is_name(input.ticket.requester)
	input.principal.id != input.ticket.requester
	shapes.is_name(input.principal.post)
	input.principal.post in tickets.terms.decided_by
}
