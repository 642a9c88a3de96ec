package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: A manager decides how many are looked at
# description: >-
#   The capacity of a cycle, and with it the thresholds, is approved once, by a post that the guideline names and
#   by another person than the one who judged.
# custom:
#   control: capacity-decider
granted contains "capacity-decider" if _may_decide_on_the_capacity

# METADATA
# description: Another post, the person who judged, no place, or a cycle that was decided on.
# custom:
#   control: capacity-decider
deny contains {"control": "capacity-decider", "on": "capacity.decided_by", "params": {}} if {
	not _may_decide_on_the_capacity
}

_may_decide_on_the_capacity if {
	shapes.is_name(input.principal.id)
	shapes.is_name(input.capacity.judged_by)
	input.principal.id != input.capacity.judged_by
	shapes.is_name(input.principal.post)
	input.principal.post in guideline.parameters.judgement.decided_by
	is_null(input.capacity.decided_by)
	shapes.is_whole(input.capacity.room, 1)
}
