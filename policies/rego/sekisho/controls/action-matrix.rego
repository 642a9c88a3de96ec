package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The role may do this
# description: >-
#   The action matrix lists the action for the hat. Where it says "approval", whether the approval suffices is the
#   business of the controls for approvals; they are never free of one then.
# custom:
#   control: action-matrix
granted contains "action-matrix" if _is_in_matrix

# METADATA
# description: The matrix does not list the action for the hat.
# custom:
#   control: action-matrix
deny contains {"control": "action-matrix", "on": "principal.hats", "params": params} if {
	not _is_in_matrix
	params := {"action": _action_name, "role": _role_name}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: action-matrix
unspecified["action-matrix"] := {"action": "", "role": ""}

_is_in_matrix if guideline.permission == "allow"

_is_in_matrix if {
	guideline.permission == "approval"
	input.action == "query"
}

default _action_name := ""

_action_name := guideline.matrix_action if shapes.is_name(guideline.matrix_action)

default _role_name := ""

_role_name := guideline.hat if shapes.is_name(guideline.hat)
