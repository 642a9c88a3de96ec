package sekisho.controls

import data.sekisho.lib.shapes
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: The tickets of others are for whoever decides on them
# description: >-
#   The principal holds a post that the guideline names to decide on tickets. To everybody else the list is that of
#   their own.
# custom:
#   control: tickets-by-post
granted contains "tickets-by-post" if _decides_by_post

# METADATA
# description: Another post.
# custom:
#   control: tickets-by-post
deny contains {"control": "tickets-by-post", "on": "principal.post", "params": {}} if {
	not _decides_by_post
}

_decides_by_post if {
	shapes.is_name(input.principal.post)
	shapes.is_names(tickets.terms.decided_by)
	input.principal.post in tickets.terms.decided_by
}
