# METADATA
# title: Obligations
# description: >-
#   What a query must be done under: the form of every column that a scan reads, the filter and the sets to leave out,
#   how persons are counted, and whose pseudonyms are made. Undefined where any part of it is not known; there is no
#   allow then.
package sekisho.obligations

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import data.sekisho.lib.freshness
import data.sekisho.lib.gates
import data.sekisho.lib.guideline
import data.sekisho.lib.protection
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The obligations of a query
# description: One entry a scan, and one for the output.
query := {
	"scans": {scan.id: _of_scan(scan) | some scan in facts.scans},
	"output": object.union(_output, _report),
	"pseudonyms": {"domain": _domain_name, "epoch": guideline.epoch(_domain_name)},
	"expires_in_days": _whole_or_null(object.get(guideline.purpose, "expires_in_days", null)),
	"required_reviewers": sort(_names_or_none(object.get(guideline.purpose, "required_reviewers", []))),
} if {
	facts.readable
	facts.reads - guideline.granted_reads == set()
	shapes.is_name(guideline.epoch(_domain_name))
}

# METADATA
# title: The forms of a scan
# description: For every column that the scan reads, and for the key by which the persons of a group are counted.
forms(scan) := {column: form |
	some column in _columns(scan)
	form := object.union({"leaves": true}, guideline.form(scan.dataset, column))
}

# METADATA
# title: The key of the persons
# description: The column by which the persons of a cohort are told apart, where it is granted as a pseudonym.
person_key(scan) := column if {
	scan.role == "cohort"
	column := catalogue.dataset(scan.dataset).subject_key
	guideline.is_granted(scan.dataset, column)
	guideline.form(scan.dataset, column).form == "pseudonym"
}

_columns(scan) := _read_by(scan) | {column |
	input.query.output.kind == "aggregate"
	column := person_key(scan)
}

_read_by(scan) := {read.column |
	some read in facts.reads
	read.scan == scan.id
}

_of_scan(scan) := {
	"forms": forms(scan),
	"filter": {"type": "compound", "operator": "and", "value": gates.conditions(scan)},
	"exclude": protection.exclusions(scan),
	"unknown": _is_unknown(scan),
}

_is_unknown(scan) := scan in freshness.unknown_scans

_output := {
	"min_group_size": _min_group_size,
	"count_by": array.concat(sort(_persons), sort(_households)),
	"rounding": _rounding,
	"max_rows": _max_rows,
	"order": "by_output",
	"compare": _compare,
	"sensitive": sort([{"scan": read.scan, "column": read.column} | some read in catalogue.sensitive_reads]),
}

# What is told beside an answer tells something, too. How exactly, a purpose may say.
_report := {} if not _is_reported

_report := {"report": {"rows": _told("rows"), "seconds": _told("seconds")}} if _is_reported

_is_reported if object.get(guideline.purpose, "reported", null) != null

_told(what) := _whole_or_null(object.get(guideline.purpose.reported, what, null))

# A purpose may want fewer than others, never more.
_max_rows := sort([general, own])[0] if {
	general := guideline.parameters.max_rows
	own := object.get(guideline.purpose, "max_rows", general)
	shapes.is_whole(general, 1)
	shapes.is_whole(own, 1)
}

# Nobody rounds less than all others do because an approval says so.
_rounding := _general_rounding if not _is_series

_rounding := bases[count(bases) - 1] if {
	_is_series
	all := [_general_rounding | is_number(_general_rounding)]
	bases := sort(array.concat(all, [input.approval.series.rounding]))
}

_general_rounding := _whole_or_null(object.get(guideline.parameters, "rounding", _rounding_at_other_times))

# A rounding that is laid down for other days alone is not taken for none: what stands there is no number.
_rounding_at_other_times := object.get(data.guideline.timed_parameters, "rounding", null)

_compare := null if input.query.output.kind in {"row_level", "impersonal"}

# A guideline that does not say how long a data period is gets the longest.
_compare := object.union({"period": period, "smallest": guideline.group_size}, _of_series) if {
	input.query.output.kind == "aggregate"
	period := object.get(guideline.parameters, "comparison_period", "fiscal_year")
	period in {"month", "fiscal_year"}
}

_of_series := {} if not _is_series

_of_series := {"series": input.approval.id} if _is_series

# Counts of persons alone are blurred by rounding, and by one that the guideline names: where somebody can have several rows,
# one person's rows could move a count over many of its steps. Of all else the runs are compared.
_is_series if {
	input.query.output.kind == "aggregate"
	shapes.is_name(input.approval.id)
	is_array(guideline.parameters.recurring.roundings)
	input.approval.series.rounding in guideline.parameters.recurring.roundings
	shapes.is_whole(input.approval.series.rounding, guideline.group_size)
	input.query.functions == ["count"]
	count(facts.cohorts) > 0
	every scan in facts.scans {
		scan.role in {"cohort", "attribute"}
		_has_a_row_a_person(catalogue.dataset(scan.dataset))
	}
}

_has_a_row_a_person(dataset) if dataset.unique_by == [dataset.subject_key]

_min_group_size := 0 if input.query.output.kind in {"row_level", "impersonal"}

_min_group_size := guideline.group_size if input.query.output.kind == "aggregate"

_persons := [{"scan": scan.id, "column": column, "unit": "person"} |
	some scan in facts.cohorts
	column := person_key(scan)
	column in _columns(scan)
]

# Values of a household stand in many a row, its members' among them: groups are counted in households, too.
_households := [{"scan": scan.id, "column": column, "unit": "household"} |
	some scan in (facts.households | _counted_cohorts)
	some column in catalogue.household_keys(scan)
]

_counted_cohorts := {scan | some scan in facts.cohorts; input.query.output.kind == "aggregate"}

_domain_name := guideline.purpose.domain if shapes.is_name(guideline.purpose.domain)

_whole_or_null(value) := value if is_null(value)

_whole_or_null(value) := value if shapes.is_whole(value, 1)

_names_or_none(value) := value if shapes.is_names_or_empty(value)
