package sekisho.controls

import data.sekisho.lib.provisions
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Other people have reviewed the package
# description: >-
#   Whoever reviews has neither drafted it nor reviewed it before. It is made only after as many persons as the guideline
#   says have reviewed exactly these rows, and handed over only after as many have.
# custom:
#   control: package-reviewed
granted contains "package-reviewed" if _is_reviewed

# METADATA
# description: Too few other people, or other rows.
# custom:
#   control: package-reviewed
deny contains {"control": "package-reviewed", "on": "provision.reviewers", "params": {}} if not _is_reviewed

_is_reviewed if {
	input.action == "package.review"
	shapes.is_name(input.principal.id)
	shapes.is_name(input.provision.drafted_by)
	input.principal.id != input.provision.drafted_by
	{input.principal.id} & provisions.reviewers == set()
}

_is_reviewed if {
	input.action == "package.create"
	_enough_have_reviewed
	shapes.is_name(input.provision.digest)
	input.provision.digest == input.provision.reviewed_digest
}

_is_reviewed if {
	input.action == "package.hand_over"
	_enough_have_reviewed
}

_enough_have_reviewed if {
	shapes.is_whole(data.guideline.parameters.packages.reviewers, 2)
	count(provisions.reviewers) >= data.guideline.parameters.packages.reviewers
}
