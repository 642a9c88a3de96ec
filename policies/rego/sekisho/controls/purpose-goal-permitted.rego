package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The purpose serves a goal of the guideline
# description: The goal that is registered with the purpose is one for which data may be linked at all.
# custom:
#   control: purpose-goal-permitted
granted contains "purpose-goal-permitted" if _goal_is_permitted

# METADATA
# description: A purpose without a goal, or with one that is not listed.
# custom:
#   control: purpose-goal-permitted
deny contains {"control": "purpose-goal-permitted", "on": "purpose", "params": params} if {
	not _goal_is_permitted
	params := {"purpose": guideline.stated_purpose}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: purpose-goal-permitted
unspecified["purpose-goal-permitted"] := {"purpose": ""}

_goal_is_permitted if {
	shapes.is_name(guideline.purpose.goal)
	guideline.purpose.goal in guideline.parameters.permitted_goals
}
