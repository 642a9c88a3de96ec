# METADATA
# title: Provisions
# description: >-
#   The package for a contractor that a request is about: how far it has come, who has drafted and reviewed it, and what
#   the check of what it holds has found.
package sekisho.lib.provisions

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: A well-formed provision
# description: Every field is there and of its form. What it is worth, the controls for packages say.
is_well_formed if {
	shapes.is_name(input.provision.id)
	input.provision.state in {"new", "drafted", "created", "handed_over", "received", "deleted"}
	shapes.is_name_or_null(input.provision.drafted_by)
	shapes.is_names_or_empty(input.provision.reviewers)
	_is_whole_or_null(input.provision.k)
	_is_whole_or_null(input.provision.l)
	_is_whole_or_null(input.provision.findings)
	shapes.is_name_or_null(input.provision.digest)
	shapes.is_name_or_null(input.provision.reviewed_digest)
}

# METADATA
# title: Reviewers
# description: Who has reviewed it, without whoever drafted it. Undefined where that is not known.
reviewers := {each | some each in input.provision.reviewers} - {input.provision.drafted_by} if {
	shapes.is_name(input.provision.drafted_by)
	shapes.is_names_or_empty(input.provision.reviewers)
}

_is_whole_or_null(value) if is_null(value)

_is_whole_or_null(value) if shapes.is_whole(value, 0)
