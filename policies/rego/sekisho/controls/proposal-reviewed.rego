package sekisho.controls

import data.sekisho.lib.proposals
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Another person has reviewed the proposal before it is approved
# description: >-
#   Whoever reviews has neither taken it in nor reviewed it before; whoever approves has done neither. Both see exactly
#   what was tested: the same criteria, against the same ones that they would replace.
# custom:
#   control: proposal-reviewed
granted contains "proposal-reviewed" if _proposal_is_reviewed

# METADATA
# description: Nobody else, or another content.
# custom:
#   control: proposal-reviewed
deny contains {"control": "proposal-reviewed", "on": "proposal.reviewers", "params": {}} if not _proposal_is_reviewed

_proposal_is_reviewed if {
	input.action == "proposal.review"
	_took_no_part_in_the_proposal
	_is_what_was_tested
}

_proposal_is_reviewed if {
	input.action == "proposal.approve"
	_took_no_part_in_the_proposal
	count(proposals.reviewers) >= 1
	_is_what_was_tested
}

_took_no_part_in_the_proposal if {
	shapes.is_name(input.principal.id)
	shapes.is_name(input.proposal.drafted_by)
	input.principal.id != input.proposal.drafted_by
	{input.principal.id} & proposals.reviewers == set()
}

_is_what_was_tested if {
	shapes.is_name(input.proposal.digest)
	input.proposal.digest == input.proposal.drafted_digest
}
