package sekisho.controls

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: One step of a proposal after the other
# description: >-
#   Criteria come from a contractor who was handed the package that they were made from; they are reviewed, approved or
#   rejected while they are a draft, and withdrawn by whoever took them in.
# custom:
#   control: proposal-in-turn
granted contains "proposal-in-turn" if _proposal_has_its_turn

# METADATA
# description: A step before its turn, one that was taken already, or a withdrawal by somebody else.
# custom:
#   control: proposal-in-turn
deny contains {"control": "proposal-in-turn", "on": "proposal.state", "params": {}} if not _proposal_has_its_turn

_proposal_has_its_turn if {
	input.action == "proposal.draft"
	input.proposal.state == "new"
	input.proposal.package_state in {"handed_over", "received", "deleted"}
}

_proposal_has_its_turn if {
	input.action in {"proposal.review", "proposal.approve", "proposal.reject"}
	input.proposal.state == "drafted"
}

_proposal_has_its_turn if {
	input.action == "proposal.withdraw"
	input.proposal.state == "drafted"
	shapes.is_name(input.principal.id)
	input.principal.id == input.proposal.drafted_by
}
