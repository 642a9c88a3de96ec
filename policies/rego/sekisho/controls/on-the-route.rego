package sekisho.controls

import data.sekisho.lib.approvals
import data.sekisho.lib.catalogue
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Sent back by those whose step it is
# description: >-
#   Whoever sends a request back or rejects it reviews it, is the steward of a holder whose data it reads, or decides on
#   its route; and did not draft it.
# custom:
#   control: on-the-route
granted contains "on-the-route" if {
	_is_on_the_route
	_is_anothers
}

# METADATA
# description: Somebody who has no step on the route of this request, or who drafted it.
# custom:
#   control: on-the-route
deny contains {"control": "on-the-route", "on": "principal.hats", "params": {}} if {
	not _is_on_the_route
}

deny contains {"control": "on-the-route", "on": "principal.id", "params": {}} if {
	not _is_anothers
}

_is_on_the_route if guideline.hat in approvals.reviewers

_is_on_the_route if guideline.hat in approvals.deciders

_is_on_the_route if {
	shapes.is_name(input.principal.id)
	some department in catalogue.departments
	data.catalogue.departments[department].steward == input.principal.id
}

_is_anothers if {
	shapes.is_name(input.principal.id)
	shapes.is_name(input.approval.requester)
	input.principal.id != input.approval.requester
}
