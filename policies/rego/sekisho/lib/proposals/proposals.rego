# METADATA
# title: Proposals
# description: >-
#   The criteria that a contractor has handed back: how far they have come, who took them in and reviewed them, and what
#   their test has found.
package sekisho.lib.proposals

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: A well-formed proposal
# description: Every field is there and of its form. What it is worth, the controls for proposals say.
is_well_formed if {
	shapes.is_name(input.proposal.id)
	input.proposal.state in {"new", "drafted", "approved", "rejected", "withdrawn"}
	input.proposal.package_state in {"new", "drafted", "created", "handed_over", "received", "deleted"}
	shapes.is_name_or_null(input.proposal.drafted_by)
	shapes.is_names_or_empty(input.proposal.reviewers)
	_is_whole_or_null(input.proposal.findings)
	shapes.is_name_or_null(input.proposal.digest)
	shapes.is_name_or_null(input.proposal.drafted_digest)
}

# METADATA
# title: Reviewers
# description: Who has reviewed it, without whoever took it in. Undefined where that is not known.
reviewers := {each | some each in input.proposal.reviewers} - {input.proposal.drafted_by} if {
	shapes.is_name(input.proposal.drafted_by)
	shapes.is_names_or_empty(input.proposal.reviewers)
}

_is_whole_or_null(value) if is_null(value)

_is_whole_or_null(value) if shapes.is_whole(value, 0)
