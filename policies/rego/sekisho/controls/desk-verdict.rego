package sekisho.controls

import data.sekisho.lib.assessments
import future.keywords.not

# METADATA
# title: What papers are enough for
# description: >-
#   On papers alone, of somebody whom nobody has identified, the verdicts are given that the guideline lists for that.
#   Whoever was drawn to tell how many the criteria miss may get any verdict, since nobody is contacted for it.
# custom:
#   control: desk-verdict
granted contains "desk-verdict" if _papers_are_enough

# METADATA
# description: A verdict for which the person has to be known.
# custom:
#   control: desk-verdict
deny contains {"control": "desk-verdict", "on": "assessment.verdict", "params": {}} if {
	not _papers_are_enough
}

_papers_are_enough if input.assessment.step in {"begin", "consult", "meet", "reopen"}

_papers_are_enough if assessments.terms.verdicts[input.assessment.verdict].desk == true

_papers_are_enough if {
	input.assessment.drawn == true
	is_boolean(assessments.terms.verdicts[input.assessment.verdict].desk)
}
