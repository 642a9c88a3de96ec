package sekisho.controls

import data.sekisho.lib.absences
import data.sekisho.lib.approvals
import data.sekisho.lib.assessments
import data.sekisho.lib.dates
import data.sekisho.lib.facts
import data.sekisho.lib.incidents
import data.sekisho.lib.inquiries
import data.sekisho.lib.occasional
import data.sekisho.lib.proposals
import data.sekisho.lib.provisions
import data.sekisho.lib.registrations
import data.sekisho.lib.shapes
import data.sekisho.lib.terms
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: The request is written as it must be
# description: Every part that other controls rely on is there, and is of the one fixed form.
# custom:
#   control: request-well-formed
granted contains "request-well-formed" if {
	_wanted_parts - _well_formed_parts == set()
}

# METADATA
# description: Each part that is not.
# custom:
#   control: request-well-formed
deny contains {"control": "request-well-formed", "on": part, "params": {}} if {
	some part in (_wanted_parts - _well_formed_parts)
}

_parts_of_every_request := {
	"action", "time", "as_of", "zone", "recipient", "purpose",
	"basis", "guideline_version", "datasets", "step", "approval", "query",
	"guideline_approval", "registration", "matter", "absence", "deputy", "renewal", "stopped",
	"proposal", "provision",
	"inquiry", "ticket", "assessment", "capacity", "incident", "ahead", "occasional",
}

_parts_of_a_query := {
	"query.sql_digest", "query.scans", "query.scopes", "query.output",
	"query.functions", "query.row_limit",
}

_wanted_parts contains part if some part in _parts_of_every_request

_wanted_parts contains part if {
	input.action in {
		"query", "approval.request", "approval.resubmit",
		"approval.sign", "approval.reject", "approval.return", "approval.preview",
	}
	some part in _parts_of_a_query
}

_well_formed_parts contains "action" if shapes.is_names(data.guideline.requirements[input.action])

_well_formed_parts contains "time" if dates.is_time(input.time)

_well_formed_parts contains "as_of" if dates.has_begun(input.as_of)

_well_formed_parts contains "zone" if shapes.is_name(input.zone)

_well_formed_parts contains "recipient" if shapes.is_name_or_null(input.recipient)

_well_formed_parts contains "purpose" if shapes.is_name_or_null(input.purpose)

_well_formed_parts contains "basis" if shapes.is_name_or_null(input.basis)

_well_formed_parts contains "guideline_version" if {
	shapes.is_name(input.guideline_version)
	input.guideline_version == data.guideline.version
}

_well_formed_parts contains "datasets" if is_object(input.datasets)

_well_formed_parts contains "step" if {
	input.action == "approval.sign"
	input.step in {"review", "consult", "decide", "deputise"}
}

_well_formed_parts contains "step" if {
	input.action != "approval.sign"
	is_null(input.step)
}

_well_formed_parts contains "approval" if is_null(input.approval)

_well_formed_parts contains "approval" if approvals.is_well_formed

_well_formed_parts contains "query" if is_null(input.query)

_well_formed_parts contains "query" if is_object(input.query)

_well_formed_parts contains "query.sql_digest" if shapes.is_name(input.query.sql_digest)

_well_formed_parts contains "query.scans" if facts.readable

_well_formed_parts contains "query.scopes" if {
	is_array(input.query.scopes)
	count(input.query.scopes) > 0
	count({scope.id | some scope in facts.scopes}) == count(input.query.scopes)
	every scope in input.query.scopes { _scope_is_well_formed(scope) }
}

_well_formed_parts contains "query.output" if {
	input.query.output.kind in facts.output_kinds
	input.query.output.scope in {scope.id | some scope in facts.scopes}
	input.query.output.rows_per_subject in {"one", "many"}
	is_array(input.query.output.columns)
	count(input.query.output.columns) > 0
	every column in input.query.output.columns { _output_column_is_well_formed(column) }
}

_well_formed_parts contains "query.functions" if shapes.is_names_or_empty(input.query.functions)

_well_formed_parts contains "query.row_limit" if is_null(input.query.row_limit)

_well_formed_parts contains "query.row_limit" if shapes.is_whole(input.query.row_limit, 0)

_well_formed_parts contains "guideline_approval" if is_null(input.guideline_approval)

_well_formed_parts contains "guideline_approval" if {
	shapes.is_name(input.guideline_approval.version)
	shapes.is_name(input.guideline_approval.id)
	shapes.is_name(input.guideline_approval.role)
	is_string(input.guideline_approval.post)
}

_well_formed_parts contains "registration" if {
	is_null(input.registration)
	shapes.is_name(input.action)
	input.action in ({input.action} - (_on_datasets | _on_departments))
}

_well_formed_parts contains "registration" if {
	input.action in _on_datasets
	registrations.is_well_formed
}

_well_formed_parts contains "registration" if {
	input.action in _on_departments
	registrations.names_a_department_alone
}

_well_formed_parts contains "ticket" if {
	is_null(input.ticket)
	shapes.is_name(input.action)
	input.action in ({input.action} - tickets.actions)
}

_well_formed_parts contains "ticket" if {
	input.action in tickets.actions
	tickets.is_well_formed
}

_well_formed_parts contains "assessment" if assessments.step_is_well_formed

_well_formed_parts contains "capacity" if assessments.capacity_is_well_formed

_well_formed_parts contains "incident" if {
	is_null(input.incident)
	shapes.is_name(input.action)
	input.action in ({input.action} - incidents.actions)
}

_well_formed_parts contains "incident" if {
	input.action in incidents.actions
	incidents.is_well_formed
}

_well_formed_parts contains "inquiry" if inquiries.is_well_formed

_well_formed_parts contains "matter" if {
	is_null(input.matter)
	shapes.is_name(input.action)
	input.action in ({input.action} - (_that_open | _that_close))
}

_well_formed_parts contains "matter" if {
	input.action in _that_open
	is_boolean(input.matter.held)
	shapes.is_name_or_null(input.matter.reviewed_by)
	shapes.is_name(input.matter.number)
	is_null(input.matter.opened_by)
}

_well_formed_parts contains "matter" if {
	input.action in _that_close
	is_boolean(input.matter.held)
	shapes.is_name_or_null(input.matter.reviewed_by)
	shapes.is_name(input.matter.number)
	shapes.is_name(input.matter.opened_by)
}

_well_formed_parts contains "absence" if {
	is_null(input.absence)
	shapes.is_name(input.action)
	input.action in ({input.action} - _on_absences)
}

_well_formed_parts contains "absence" if {
	input.action == "absence.record"
	absences.is_well_formed(input.absence)
	is_null(input.absence.recorded_by)
}

_well_formed_parts contains "absence" if {
	input.action == "absence.end"
	absences.is_well_formed(input.absence)
	shapes.is_name(input.absence.recorded_by)
}

_well_formed_parts contains "deputy" if {
	is_null(input.deputy)
	not _a_deputy_signs
}

_well_formed_parts contains "deputy" if {
	_a_deputy_signs
	absences.are_well_formed(input.deputy)
}

# A query is read for a package or for none; provision-packaged says which.
_well_formed_parts contains "provision" if {
	is_null(input.provision)
	shapes.is_name(input.action)
	input.action in ({input.action} - _on_packages)
}

_well_formed_parts contains "provision" if {
	input.action in (_on_packages | {"query"})
	provisions.is_well_formed
}

_well_formed_parts contains "proposal" if {
	is_null(input.proposal)
	shapes.is_name(input.action)
	input.action in ({input.action} - _on_proposals)
}

_well_formed_parts contains "proposal" if {
	input.action in _on_proposals
	proposals.is_well_formed
}

_well_formed_parts contains "renewal" if {
	is_null(input.renewal)
	shapes.is_name(input.action)
	input.action != "purpose.renew"
}

_well_formed_parts contains "renewal" if {
	shapes.is_name(input.action)
	input.action != "purpose.renew"
	terms.is_well_formed
}

# Nobody has renewed yet what is asked for.
_well_formed_parts contains "renewal" if {
	input.action == "purpose.renew"
	terms.is_well_formed
	is_null(input.renewal.renewed_by)
}

# Whether there has to be one, the controls for occasional use say.
_well_formed_parts contains "occasional" if is_null(input.occasional)

_well_formed_parts contains "occasional" if occasional.is_well_formed

_well_formed_parts contains "stopped" if is_boolean(input.stopped)

_well_formed_parts contains "ahead" if {
	is_array(input.ahead)
	every use in input.ahead {
		shapes.is_name(use.approval)
		dates.is_date(use.since)
	}
}

_on_datasets := {"dataset.draft", "dataset.confirm", "dataset.register"}

_on_departments := {
	"dataset.check",
	"approval.preview",
	"subject.suspend",
	"subject.trace",
	"ledger.department",
	"subject.correct",
}

_a_deputy_signs if input.step == "deputise"

_on_absences := {"absence.record", "absence.end"}

_that_open := {
	"subject.suspend",
	"incident.stop",
	"incident.open",
	"retention.order",
	"retention.hold",
	"subject.trace",
	"ledger.trace",
	"ledger.review",
	"purpose.review",
	"purpose.renew",
	"subject.request",
}

_on_packages := {"package.draft", "package.review", "package.create", "package.hand_over", "package.close"}

_on_proposals := {"proposal.draft", "proposal.review", "proposal.approve", "proposal.reject", "proposal.withdraw"}

_that_close := {
	"subject.release",
	"incident.lift",
	"incident.assess",
	"incident.protected",
	"incident.contact",
	"incident.report",
	"incident.notify",
	"incident.close",
	"retention.erase",
	"retention.free",
	"subject.extend",
	"subject.review",
	"subject.decide",
	"subject.answer",
	"subject.correct",
}

_scope_is_well_formed(scope) if {
	shapes.is_name(scope.id)
	scope.grain in {"subject", "household", "group", "impersonal"}
	shapes.is_names(scope.inputs)
	{each | some each in scope.inputs} - _sources == set()
	shapes.is_names_or_empty(scope.keys)
	shapes.is_names_or_empty(scope.aggregates)
}

_sources := {scan.id | some scan in facts.scans} | {scope.id | some scope in facts.scopes}

_output_column_is_well_formed(column) if {
	shapes.is_name(column.name)
	is_array(column.origins)
	{origin | some origin in column.origins} - _readings == set()
}

_readings := {read.on | some read in facts.reads}
