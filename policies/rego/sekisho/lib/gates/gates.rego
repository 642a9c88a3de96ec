# METADATA
# title: Gates
# description: >-
#   Row filters that the guideline lays on scans of certain roles. A gate is a window of grades counted by the 1 April
#   rule, a window of ages in completed years, or a condition; which column it reads, the dataset's holder declares.
#   Without that column the gate is not held. A purpose may have another window of its own, for the same roles.
package sekisho.lib.gates

import data.sekisho.lib.catalogue
import data.sekisho.lib.dates
import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: A gate that is held
# description: Some scan has a role that the gate is for, and on each such scan the filter can be laid.
is_held(control) if {
	facts.readable
	roles := data.guideline.gates[control].roles
	shapes.is_names(roles)
	some scan in facts.scans
	scan.role in roles
	every each in facts.scans { is_held_on(control, each) }
}

# Nobody's age or residence is asked for where the answer is about nobody.
is_held(control) if {
	is_object(data.guideline.gates[control])
	catalogue.is_impersonal
}

# METADATA
# title: A gate that is held on a scan
# description: The scan has another role than those that the gate is for, or the filter can be laid on it.
is_held_on(control, scan) if {
	shapes.is_names(data.guideline.gates[control].roles)
	scan.role in (facts.scan_roles - {role | some role in data.guideline.gates[control].roles})
}

is_held_on(control, scan) if is_object(condition(control, scan))

# METADATA
# title: The filter of a gate
# description: The condition over the scan's raw values. Undefined where the dataset does not declare a fitting column.
condition(control, scan) := {"type": "compound", "operator": "and", "value": [
	{"type": "field", "operator": "ge", "field": column, "value": _second_of_april(years[1] - (gate.to + 6))},
	{"type": "field", "operator": "le", "field": column, "value": _first_of_april(years[0] - (gate.from + 5))},
]} if {
	gate := _gate(control)
	gate.kind == "grades"
	is_null(object.get(gate, "condition", null))
	shapes.is_whole(gate.from, 1)
	shapes.is_whole(gate.to, gate.from)
	column := _column(control, scan)
	data.catalogue.datasets[scan.dataset].columns[column].type == "date"

	# In the window on the date of the answer and today: who was in it once, and is no longer, is not asked about.
	years := sort([dates.april_year(input.as_of), dates.april_year(dates.today)])
}

condition(control, scan) := {"type": "compound", "operator": "and", "value": array.concat(
	[{
		"type": "field", "operator": "le", "field": column,
		"value": dates.years_before(dates.next_day(days[0]), gate.from),
	}],
	_younger_than(gate.to, column, dates.next_day(days[1])),
)} if {
	gate := _gate(control)
	gate.kind == "ages"
	is_null(object.get(gate, "condition", null))
	shapes.is_whole(gate.from, 0)
	column := _column(control, scan)
	data.catalogue.datasets[scan.dataset].columns[column].type == "date"

	# On the date of the answer and today, as for grades.
	days := sort([input.as_of, dates.today])
}

# An age is reached on the day before the birthday; nobody is older than a gate that names no last age.
_younger_than(last, _, _) := [] if is_null(last)

_younger_than(last, column, day) := [{
	"type": "field", "operator": "gt", "field": column,
	"value": dates.years_before(day, last + 1),
}] if {
	shapes.is_whole(last, 0)
}

condition(control, scan) := _on_column(_gate(control).condition, _column(control, scan))

# METADATA
# title: The filters of a scan
# description: >-
#   The conditions of every gate for the scan's role that can be laid on it, in the order of the gates' names.
conditions(scan) := [laid |
	some control in sort([name | some name, _ in data.guideline.gates])
	scan.role in data.guideline.gates[control].roles
	laid := condition(control, scan)
]

# The gate, with the window of the purpose in its place where the purpose has one.
_gate(control) := data.guideline.gates[control] if count({name | some name, _ in _own; name == control}) == 0

_gate(control) := {"roles": data.guideline.gates[control].roles, "kind": own.kind, "from": own.from, "to": own.to} if {
	own := _own[control]
	own.kind in {"grades", "ages"}
}

default _own := {}

_own := guideline.purpose.gates

_column(control, scan) := column if {
	column := data.catalogue.datasets[scan.dataset].gates[control]
	is_object(data.catalogue.datasets[scan.dataset].columns[column])
}

_first_of_april(year) := concat("-", [format_int(year, 10), "04-01"]) if year >= 1900

_second_of_april(year) := concat("-", [format_int(year, 10), "04-02"]) if year >= 1900

# Rego has no recursion: conditions of gates may be nested twice, and one that is deeper is not held at all. The counts
# see to it that no part of a condition is lost on the way.
_on_column(condition, column) := _field(condition, column)

_on_column(condition, column) := object.union(condition, {"value": parts}) if {
	condition.type == "compound"
	is_array(condition.value)
	parts := [part | some inner in condition.value; part := _inner_on_column(inner, column)]
	count(parts) == count(condition.value)
}

_inner_on_column(condition, column) := _field(condition, column)

_inner_on_column(condition, column) := object.union(condition, {"value": parts}) if {
	condition.type == "compound"
	is_array(condition.value)
	parts := [part | some inner in condition.value; part := _field(inner, column)]
	count(parts) == count(condition.value)
}

_field(condition, column) := object.union(condition, {"field": column}) if {
	condition.type == "field"
	condition.field == "value"
}
