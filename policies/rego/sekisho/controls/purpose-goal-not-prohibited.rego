package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The purpose serves no prohibited goal
# description: >-
#   The goal that is registered with the purpose is none of those that linked data must never serve, whatever else the
#   tables say.
# custom:
#   control: purpose-goal-not-prohibited
granted contains "purpose-goal-not-prohibited" if _goal_is_not_prohibited

# METADATA
# description: A prohibited goal, no goal, or no list to hold it against.
# custom:
#   control: purpose-goal-not-prohibited
deny contains {"control": "purpose-goal-not-prohibited", "on": "purpose", "params": params} if {
	not _goal_is_not_prohibited
	params := {"purpose": guideline.stated_purpose}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: purpose-goal-not-prohibited
unspecified["purpose-goal-not-prohibited"] := {"purpose": ""}

_goal_is_not_prohibited if {
	shapes.is_name(guideline.purpose.goal)
	shapes.is_names(guideline.parameters.prohibited_goals)
	count([goal | some goal in guideline.parameters.prohibited_goals; goal == guideline.purpose.goal]) == 0
}
