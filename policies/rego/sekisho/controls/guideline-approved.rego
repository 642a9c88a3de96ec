package sekisho.controls

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The guideline was approved before
# description: >-
#   The guideline that is in force here, to the letter, was approved by a role that the action matrix lets approve it.
#   A guideline that was changed since is a draft again.
# custom:
#   control: guideline-approved
granted contains "guideline-approved" if _guideline_is_approved

# METADATA
# description: A draft, or an approval of an earlier guideline or by a role that may not.
# custom:
#   control: guideline-approved
deny contains {"control": "guideline-approved", "on": "guideline_approval", "params": {}} if {
	not _guideline_is_approved
}

_guideline_is_approved if {
	shapes.is_name(data.guideline.version)
	input.guideline_approval.version == data.guideline.version
	shapes.is_name(input.guideline_approval.id)
	data.guideline.action_matrix[input.guideline_approval.role]["guideline.approve"] == "allow"
}
