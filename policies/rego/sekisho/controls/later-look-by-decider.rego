package sekisho.controls

import data.sekisho.lib.absences
import data.sekisho.lib.approvals
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The decider looks at what a deputy decided
# description: >-
#   Once, what a deputy has decided is looked at by somebody whose role the deputy stood in for, and who has neither
#   made the request nor signed anything of it.
# custom:
#   control: later-look-by-decider
granted contains "later-look-by-decider" if {
	_waits_for_a_look
	_stood_in_for
	_has_no_part_in_it
}

# METADATA
# description: Nothing waits for a look, the hat is not the decider's, or the person has a part in it.
# custom:
#   control: later-look-by-decider
deny contains {"control": "later-look-by-decider", "on": "approval.acknowledged", "params": {}} if {
	not _waits_for_a_look
}

deny contains {"control": "later-look-by-decider", "on": "principal.hats", "params": {}} if {
	not _stood_in_for
}

deny contains {"control": "later-look-by-decider", "on": "principal.id", "params": {}} if {
	not _has_no_part_in_it
}

_waits_for_a_look if {
	input.approval.approver.step == "deputise"
	is_null(input.approval.acknowledged)
}

_stood_in_for if absences.looks_at(guideline.hat, input.approval.approver)

_has_no_part_in_it if {
	shapes.is_name(input.principal.id)
	shapes.is_name(input.approval.requester)
	input.principal.id != input.approval.requester
	every signature in approvals.signatures { signature.id != input.principal.id }
}
