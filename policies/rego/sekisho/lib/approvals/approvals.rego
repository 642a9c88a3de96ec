# METADATA
# title: Approvals
# description: What the signatures of an approval amount to, and whether the request needs one at all.
package sekisho.lib.approvals

import data.sekisho.lib.catalogue
import data.sekisho.lib.dates
import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import data.sekisho.lib.occasional
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Free of approval
# description: >-
#   None is given, and none is needed: the purpose says so, the action matrix allows the action outright, and the
#   output is an aggregate or about nobody.
is_free if {
	input.action == "query"
	is_null(input.approval)
	guideline.purpose.needs_approval == false
	guideline.permission == "allow"
	_hides_single_persons
}

_hides_single_persons if input.query.output.kind == "aggregate"

_hides_single_persons if catalogue.is_impersonal

# METADATA
# title: None given
# description: >-
#   The request is a query that says outright that it has no approval. Whether that will do, approval-route says.
is_none_given if {
	input.action == "query"
	is_null(input.approval)
}

# METADATA
# title: Ahead of the decision
# description: >-
#   A query by whoever drafted the request, while it waits for its decision, on a legal basis that the guideline lets be
#   approved afterwards. What is decided case by case never runs ahead of it.
is_ahead if {
	input.action == "query"
	occasional.is_other_basis
	is_object(guideline.basis.afterwards)
	input.approval.state == "requested"
	input.approval.basis == input.basis
	shapes.is_name(input.approval.requester)
	input.approval.requester == input.principal.id
}

# METADATA
# title: The name of the approval
# description: The id of the approval, for reasons; empty where it has none.
default name := ""

name := input.approval.id if is_string(input.approval.id)

# METADATA
# title: A well-formed approval
# description: Every field of the approval is there and of its form. What it is worth, the controls for approvals say.
is_well_formed if {
	shapes.is_name(input.approval.id)
	shapes.is_name(input.approval.purpose)
	input.approval.state in {
		"requested", "returned", "recalled",
		"granted", "rejected", "revoked", "withdrawn",
	}
	shapes.is_name(input.approval.requester)
	is_array(input.approval.reviewers)
	count([each | some each in input.approval.reviewers; _is_signature(each)]) == count(input.approval.reviewers)
	_is_signature_or_null(input.approval.approver)
	dates.is_date(input.approval.starts_on)
	dates.is_date(input.approval.expires_at)
	_is_signature_or_null(input.approval.acknowledged)
	shapes.is_name(input.approval.guideline_version)
	shapes.is_name(input.approval.sql_digest)
	shapes.is_name_or_null(input.approval.basis)
	_is_series_or_null(input.approval.series)
}

_is_series_or_null(series) if is_null(series)

_is_series_or_null(series) if {
	series.interval == "month"
	shapes.is_whole(series.rounding, 2)
}

_is_signature(signature) if {
	signature.step in {"review", "consult", "decide", "deputise", "acknowledge"}
	shapes.is_name(signature.id)
	shapes.is_name(signature.role)
	is_string(signature.post)
	shapes.is_name_or_null(signature.department)
}

_is_signature_or_null(signature) if is_null(signature)

_is_signature_or_null(signature) if _is_signature(signature)

# METADATA
# title: Signatures
# description: Every signature of the approval so far.
# scope: document
signatures contains signature if {
	is_array(input.approval.reviewers)
	some signature in input.approval.reviewers
}

signatures contains input.approval.approver if is_object(input.approval.approver)

# METADATA
# title: The route of the decision
# description: Sensitive for an occasional use, and unless every column that is read is positively known to be ordinary.
default route := "sensitive"

route := "normal" if {
	occasional.is_other_basis
	facts.readable
	every read in facts.reads { catalogue.is_ordinary(read) }
}

# METADATA
# title: Roles that decide
# description: Who decides on the route of the query.
deciders := data.guideline.routes.template.decide[route].roles if {
	shapes.is_names(data.guideline.routes.template.decide[route].roles)
}

# METADATA
# title: Roles that stand in
# description: Who decides on the route of the query while everybody who decides on it is away.
deputies := data.guideline.routes.template.decide[route].deputies if {
	shapes.is_names(data.guideline.routes.template.decide[route].deputies)
}

# METADATA
# title: Roles that review
# description: Who reviews a template.
reviewers := data.guideline.routes.template.review.roles if {
	shapes.is_names(data.guideline.routes.template.review.roles)
}

# METADATA
# title: Reviewed
# description: Somebody of a reviewing role, who did not make the request, has signed the review.
is_reviewed if {
	is_array(input.approval.reviewers)
	some signature in input.approval.reviewers
	signature.step == "review"
	signature.role in reviewers
	_is_anothers(signature)
}

# METADATA
# title: Consulted
# description: The steward of the department has signed the consultation.
is_consulted(department) if {
	is_array(input.approval.reviewers)
	some signature in input.approval.reviewers
	signature.step == "consult"
	_is_anothers(signature)
	signature.id == data.catalogue.departments[department].steward
}

# METADATA
# title: All consulted
# description: The guideline asks for the stewards of all datasets, and each has signed.
is_consulted_by_all if {
	data.guideline.routes.template.consult == "stewards_of_datasets"
	every department in catalogue.departments { is_consulted(department) }
}

# METADATA
# title: Decided
# description: >-
#   Somebody whose role decides on the query's route, or stands in there, and who did not make the request, has signed
#   the decision.
is_decided if {
	input.approval.approver.step == "decide"
	input.approval.approver.role in deciders
	_is_anothers(input.approval.approver)
}

is_decided if {
	input.approval.approver.step == "deputise"
	input.approval.approver.role in deputies
	_is_anothers(input.approval.approver)
}

_is_anothers(signature) if {
	shapes.is_name(signature.id)
	shapes.is_name(input.approval.requester)
	signature.id != input.approval.requester
}
