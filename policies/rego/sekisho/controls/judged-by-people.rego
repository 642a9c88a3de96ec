package sekisho.controls

import data.sekisho.lib.assessments
import data.sekisho.lib.shapes
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: People have judged, and say why
# description: >-
#   A view ends, and papers are judged on, with a verdict that the guideline knows and a reason of the length that it
#   asks for. What was never carried out ends without; other steps of an assessment but its beginning want the reason.
# custom:
#   control: judged-by-people
granted contains "judged-by-people" if _people_have_judged

# METADATA
# description: No verdict, one that is unknown, or no reason.
# custom:
#   control: judged-by-people
deny contains {"control": "judged-by-people", "on": "ticket.verdict", "params": {}} if {
	input.action != "risk.assess"
	not _people_have_judged
}

# METADATA
# description: The same for a step with somebody on the work list.
# custom:
#   control: judged-by-people
deny contains {"control": "judged-by-people", "on": "assessment.verdict", "params": {}} if {
	input.action == "risk.assess"
	not _people_have_judged
}

_people_have_judged if input.assessment.step == "begin"

_people_have_judged if {
	input.assessment.step in {"consult", "meet", "reopen"}
	assessments.is_reasoned(input.assessment.reason)
}

_people_have_judged if {
	input.assessment.step == "judge"
	shapes.is_name(input.assessment.verdict)
	is_boolean(assessments.terms.verdicts[input.assessment.verdict].wish)
	assessments.is_reasoned(input.assessment.reason)
}

_people_have_judged if input.ticket.state in {"requested", "granted"}

_people_have_judged if {
	shapes.is_name(input.ticket.verdict)
	is_boolean(tickets.terms.verdicts[input.ticket.verdict].wish)
	shapes.is_whole(tickets.terms.reason_characters, 1)
	shapes.is_whole(input.ticket.reason, tickets.terms.reason_characters)
}
