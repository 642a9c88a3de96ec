package sekisho.controls

import data.sekisho.lib.approvals
import data.sekisho.lib.catalogue
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The whole route was taken
# description: >-
#   A query runs under an approval for its purpose that was reviewed, consulted with the steward of every holder and
#   decided by a role of its route, or needs none, or is ahead of it. A signature is given by whose step it is, the decision after the
#   others.
# custom:
#   control: approval-route
granted contains "approval-route" if approvals.is_free

granted contains "approval-route" if {
	input.action == "query"
	every part in {"purpose", "review", "consult", "decide"} { _is_done(part) }
}

granted contains "approval-route" if {
	approvals.is_ahead
	_is_done("purpose")
}

granted contains "approval-route" if {
	input.action == "approval.sign"
	count(catalogue.departments) > 0
	_is_done("purpose")
	_may_sign
	_is_ready_to_sign
}

# METADATA
# description: A query without the approval that it needs.
# custom:
#   control: approval-route
deny contains {"control": "approval-route", "on": "approval", "params": {"missing": "approval"}} if {
	approvals.is_none_given
	not approvals.is_free
}

# METADATA
# description: A part of the route that was not taken.
# custom:
#   control: approval-route
deny contains {"control": "approval-route", "on": "approval", "params": {"missing": part}} if {
	is_object(input.approval)
	some part in _parts_wanted
	not _is_done(part)
}

# METADATA
# description: A holder whose steward has not signed.
# custom:
#   control: approval-route
deny contains {"control": "approval-route", "on": "approval", "params": params} if {
	is_object(input.approval)
	"consult" in _signatures_wanted
	some department in catalogue.departments
	not approvals.is_consulted(department)
	params := {"missing": concat(":", ["consult", department])}
}

# METADATA
# description: A signature by somebody whose step it is not.
# custom:
#   control: approval-route
deny contains {"control": "approval-route", "on": "step", "params": {"missing": input.step}} if {
	input.action == "approval.sign"
	shapes.is_name(input.step)
	not _may_sign
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: approval-route
unspecified["approval-route"] := {"missing": ""}

_signatures_wanted := {"review", "consult", "decide"} if {
	input.action == "query"
	not approvals.is_ahead
}

_signatures_wanted := set() if approvals.is_ahead

_signatures_wanted := {"review", "consult"} if {
	input.action == "approval.sign"
	input.step in {"decide", "deputise"}
}

_signatures_wanted := set() if {
	input.action == "approval.sign"
	input.step in {"review", "consult"}
}

# Missing consultations are told by department.
_parts_wanted := ({"purpose"} | _signatures_wanted) - {"consult"}

_is_done(part) if {
	part == "purpose"
	is_object(guideline.purpose)
	input.approval.purpose == input.purpose
}

_is_done(part) if {
	part == "review"
	approvals.is_reviewed
}

_is_done(part) if {
	part == "consult"
	approvals.is_consulted_by_all
}

_is_done(part) if {
	part == "decide"
	approvals.is_decided
}

_may_sign if {
	input.step == "review"
	guideline.hat in approvals.reviewers
}

_may_sign if {
	input.step == "consult"
	shapes.is_name(input.principal.id)
	some department in catalogue.departments
	data.catalogue.departments[department].steward == input.principal.id
}

_may_sign if {
	input.step == "decide"
	guideline.hat in approvals.deciders
	is_null(input.approval.approver)
}

_may_sign if {
	input.step == "deputise"
	guideline.hat in approvals.deputies
	is_null(input.approval.approver)
}

_is_ready_to_sign if input.step in {"review", "consult"}

_is_ready_to_sign if {
	input.step in {"decide", "deputise"}
	_is_done("review")
	_is_done("consult")
}
