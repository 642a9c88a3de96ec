package sekisho.controls

import data.sekisho.lib.dates
import data.sekisho.lib.facts
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The request is written as it must be
# description: Every part that other controls rely on is there, and is of the one fixed form.
# custom:
#   control: request-well-formed
granted contains "request-well-formed" if {
	every part in _wanted_parts { _part_is_well_formed(part) }
}

# METADATA
# description: Each part that is not.
# custom:
#   control: request-well-formed
deny contains {"control": "request-well-formed", "on": part, "params": {}} if {
	some part in _wanted_parts
	not _part_is_well_formed(part)
}

_parts_of_every_request := {"action", "time", "as_of", "zone", "recipient", "purpose", "basis", "guideline_version", "datasets"}

_parts_of_a_query := {
	"query.sql_digest", "query.scans", "query.scopes", "query.output",
	"query.functions", "query.row_limit",
}

_wanted_parts contains part if some part in _parts_of_every_request

_wanted_parts contains part if {
	input.action in {"query", "approval.request", "approval.sign"}
	some part in _parts_of_a_query
}

_wanted_parts contains "approval" if input.action in {"approval.sign", "approval.reject", "approval.revoke"}

_wanted_parts contains "step" if input.action == "approval.sign"

_part_is_well_formed(part) if {
	part == "action"
	shapes.is_names(data.guideline.requirements[input.action])
}

_part_is_well_formed(part) if {
	part == "time"
	dates.is_time(input.time)
}

_part_is_well_formed(part) if {
	part == "as_of"
	dates.has_begun(input.as_of)
}

_part_is_well_formed(part) if {
	part == "zone"
	shapes.is_name(input.zone)
}

_part_is_well_formed(part) if {
	part == "recipient"
	shapes.is_name_or_null(input.recipient)
}

_part_is_well_formed(part) if {
	part == "purpose"
	shapes.is_name_or_null(input.purpose)
}

_part_is_well_formed(part) if {
	part == "basis"
	shapes.is_name_or_null(input.basis)
}

_part_is_well_formed(part) if {
	part == "guideline_version"
	shapes.is_name(input.guideline_version)
	input.guideline_version == data.guideline.version
}

_part_is_well_formed(part) if {
	part == "datasets"
	is_object(input.datasets)
}

_part_is_well_formed(part) if {
	part == "step"
	input.step in {"review", "consult", "decide"}
}

_part_is_well_formed(part) if {
	part == "approval"
	shapes.is_name(input.approval.id)
	shapes.is_name(input.approval.requester)
	is_array(input.approval.reviewers)
}

_part_is_well_formed(part) if {
	part == "query.sql_digest"
	shapes.is_name(input.query.sql_digest)
}

_part_is_well_formed(part) if {
	part == "query.scans"
	facts.readable
}

_part_is_well_formed(part) if {
	part == "query.scopes"
	is_array(input.query.scopes)
	count(input.query.scopes) > 0
	count({scope.id | some scope in facts.scopes}) == count(input.query.scopes)
	every scope in input.query.scopes { _scope_is_well_formed(scope) }
}

_part_is_well_formed(part) if {
	part == "query.output"
	input.query.output.kind in facts.output_kinds
	input.query.output.scope in {scope.id | some scope in facts.scopes}
	input.query.output.rows_per_subject in {"one", "many"}
	is_array(input.query.output.columns)
	count(input.query.output.columns) > 0
	every column in input.query.output.columns { _output_column_is_well_formed(column) }
}

_part_is_well_formed(part) if {
	part == "query.functions"
	shapes.is_names_or_empty(input.query.functions)
}

_part_is_well_formed(part) if {
	part == "query.row_limit"
	is_null(input.query.row_limit)
}

_part_is_well_formed(part) if {
	part == "query.row_limit"
	shapes.is_whole(input.query.row_limit, 0)
}

_scope_is_well_formed(scope) if {
	shapes.is_name(scope.id)
	scope.grain in {"subject", "household", "group"}
	shapes.is_names(scope.inputs)
	every each in scope.inputs { each in _sources }
	shapes.is_names_or_empty(scope.keys)
	shapes.is_names_or_empty(scope.aggregates)
}

_sources := {scan.id | some scan in facts.scans} | {scope.id | some scope in facts.scopes}

_output_column_is_well_formed(column) if {
	shapes.is_name(column.name)
	is_array(column.origins)
	every origin in column.origins { origin in {read.on | some read in facts.reads} }
}
