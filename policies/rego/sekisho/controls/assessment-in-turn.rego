package sekisho.controls

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: One step after the other
# description: >-
#   Papers are looked at before anybody judges on them; whoever consults others or brings somebody before a meeting has
#   the person's case view, and where nobody has it any more papers are looked at anew; what people have ended may be looked at again. What has to be settled comes first.
# custom:
#   control: assessment-in-turn
granted contains "assessment-in-turn" if _is_the_step_in_turn

# METADATA
# description: Another step, another person's case, or something to be settled first.
# custom:
#   control: assessment-in-turn
deny contains {"control": "assessment-in-turn", "on": "assessment.step", "params": {}} if {
	not _is_the_step_in_turn
}

_states_of_steps := {
	"begin": {"candidate", "case_open", "consulted", "case_meeting"},
	"judge": {"desk_review"},
	"consult": {"case_open", "case_meeting"},
	"meet": {"case_open", "consulted"},
	"reopen": {"closed"},
}

_endings_of_people := {"assessed", "not_pursued", "expired"}

_is_the_step_in_turn if {
	input.assessment.unsettled == false
	input.assessment.state in _states_of_steps[input.assessment.step]
	_is_open_to_the_asker
}

_is_open_to_the_asker if {
	input.assessment.step in {"begin", "judge"}
	is_null(input.assessment.holder)
	is_null(input.assessment.ending)
}

_is_open_to_the_asker if {
	input.assessment.step in {"consult", "meet"}
	shapes.is_name(input.principal.id)
	input.assessment.holder == input.principal.id
	is_null(input.assessment.ending)
}

_is_open_to_the_asker if {
	input.assessment.step == "reopen"
	input.assessment.ending in _endings_of_people
}
