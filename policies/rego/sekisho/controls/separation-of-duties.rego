package sekisho.controls

import data.sekisho.lib.approvals
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Nobody approves their own request
# description: Whoever made the request has signed nothing, and nobody has signed two steps.
# custom:
#   control: separation-of-duties
granted contains "separation-of-duties" if approvals.is_none_given

granted contains "separation-of-duties" if {
	input.action == "query"
	_signatures_are_separate
}

granted contains "separation-of-duties" if {
	input.action == "approval.sign"
	_signatures_are_separate
	_signs_for_another
	_signs_no_other_step
}

# METADATA
# description: A signature by the requester, or two steps signed by one person.
# custom:
#   control: separation-of-duties
deny contains {"control": "separation-of-duties", "on": "approval.reviewers", "params": {}} if {
	is_object(input.approval)
	not _signatures_are_separate
}

deny contains {"control": "separation-of-duties", "on": "principal.id", "params": {}} if {
	input.action == "approval.sign"
	not _signs_for_another
}

deny contains {"control": "separation-of-duties", "on": "step", "params": {}} if {
	input.action == "approval.sign"
	not _signs_no_other_step
}

_signatures_are_separate if {
	shapes.is_name(input.approval.requester)
	is_array(input.approval.reviewers)
	every signature in approvals.signatures {
		_is_signed_by_another(signature)
		every other in approvals.signatures { _are_separate(signature, other) }
	}
}

_is_signed_by_another(signature) if {
	shapes.is_name(signature.id)
	shapes.is_name(signature.step)
	signature.id != input.approval.requester
}

_are_separate(one, other) if one.id != other.id

_are_separate(one, other) if one.step == other.step

_signs_for_another if {
	shapes.is_name(input.principal.id)
	shapes.is_name(input.approval.requester)
	input.principal.id != input.approval.requester
}

_signs_no_other_step if {
	shapes.is_name(input.principal.id)
	shapes.is_name(input.step)
	every signature in approvals.signatures {
		_are_separate({"id": input.principal.id, "step": input.step}, signature)
	}
}
