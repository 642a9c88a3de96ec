package sekisho.controls

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: A request is taken back by whoever made it
# description: Whoever withdraws an undecided request, takes it back to change it or hands it in again drafted it.
# custom:
#   control: own-request
granted contains "own-request" if _is_the_requester

# METADATA
# description: Another person, or one of the two is not known.
# custom:
#   control: own-request
deny contains {"control": "own-request", "on": "principal.id", "params": {}} if {
	not _is_the_requester
}

_is_the_requester if {
	shapes.is_name(input.principal.id)
	shapes.is_name(input.approval.requester)
	input.principal.id == input.approval.requester
}
