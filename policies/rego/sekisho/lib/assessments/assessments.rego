# METADATA
# title: Assessments
# description: >-
#   A step that people take with somebody on a work list, and a cycle whose capacity is decided on, as the broker states
#   them. What they are worth, the controls say.
package sekisho.lib.assessments

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The terms
# description: What the guideline lays down for judging people. Undefined where it knows none.
terms := guideline.parameters.reidentification

# METADATA
# title: A well-formed step
# description: Every field is there and of its form, for the action that is about a step, and nothing for others.
step_is_well_formed if {
	is_null(input.assessment)
	shapes.is_name(input.action)
	input.action != "risk.assess"
}

step_is_well_formed if {
	input.action == "risk.assess"
	input.assessment.step in {"begin", "judge", "consult", "meet", "reopen"}
	shapes.is_name(input.assessment.state)
	is_boolean(input.assessment.unsettled)
	is_boolean(input.assessment.drawn)
	every name in ["ending", "holder", "verdict"] { shapes.is_name_or_null(input.assessment[name]) }
	every number in ["reason", "wish", "wish_missing"] { shapes.is_whole(input.assessment[number], 0) }
}

# METADATA
# title: A well-formed capacity
# description: Every field is there and of its form, for the actions that are about a cycle, and nothing for others.
capacity_is_well_formed if {
	is_null(input.capacity)
	shapes.is_name(input.action)
	input.action in ({input.action} - _on_cycles)
}

capacity_is_well_formed if {
	input.action in _on_cycles
	shapes.is_name(input.capacity.judged_by)
	shapes.is_name_or_null(input.capacity.decided_by)
	shapes.is_whole(input.capacity.room, 0)
}

# METADATA
# title: A written reason
# description: At least as long as the guideline asks for.
is_reasoned(characters) if {
	shapes.is_whole(terms.reason_characters, 1)
	shapes.is_whole(characters, terms.reason_characters)
}

_on_cycles := {"risk.approve", "risk.read_cycle"}
