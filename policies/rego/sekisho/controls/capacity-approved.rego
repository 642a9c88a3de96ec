package sekisho.controls

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Nobody is looked at under a threshold that nobody approved
# description: >-
#   The candidates of a cycle are shown once another person than the one who judged has approved its capacity. Alerts
#   are no candidates of a capacity, and are never asked about here.
# custom:
#   control: capacity-approved
granted contains "capacity-approved" if _the_capacity_is_approved

# METADATA
# description: Nobody has approved it, or the one who judged.
# custom:
#   control: capacity-approved
deny contains {"control": "capacity-approved", "on": "capacity.decided_by", "params": {}} if {
	not _the_capacity_is_approved
}

_the_capacity_is_approved if {
	shapes.is_name(input.capacity.judged_by)
	shapes.is_name(input.capacity.decided_by)
	input.capacity.decided_by != input.capacity.judged_by
	shapes.is_whole(input.capacity.room, 1)
}
