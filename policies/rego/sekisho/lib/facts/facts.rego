# METADATA
# title: Facts of a query
# description: >-
#   The scans and the columns that they read, as sets to ask about. A scan that is not written as it must be makes the
#   facts unreadable, and every control that rests on them then withholds its grant.
package sekisho.lib.facts

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Roles of scans
# description: The roles that a table reference can have, as the broker's describe stage gives them.
scan_roles := {"cohort", "attribute", "bridge", "household", "impersonal", "unreached"}

# METADATA
# title: Usages of columns
# description: Every way in which a query can use a column.
usages := {"output", "predicate", "join", "group", "aggregate", "count_distinct", "order", "null_check"}

# METADATA
# title: Kinds of output
# description: Rows about single subjects, groups of them, or rows about nobody.
output_kinds := {"row_level", "aggregate", "impersonal"}

# METADATA
# title: Readable facts
# description: There is at least one scan, every scan is written as it must be, and no two have the same id.
readable if {
	is_array(input.query.scans)
	count(input.query.scans) > 0
	count({scan.id | some scan in scans}) == count(input.query.scans)
}

_is_scan(scan) if {
	shapes.is_name(scan.id)
	shapes.is_name(scan.dataset)
	scan.role in scan_roles
	is_array(scan.columns)
	count(scan.columns) > 0
	count([column | some column in scan.columns; _is_column(column)]) == count(scan.columns)
}

_is_column(column) if {
	shapes.is_name(column.column)
	is_array(column.usages)
	count(column.usages) > 0
	{usage | some usage in column.usages} - usages == set()
}

# METADATA
# title: Scans
# description: The scans that are written as they must be.
# scope: document
scans contains scan if {
	is_array(input.query.scans)
	some scan in input.query.scans
	_is_scan(scan)
}

# METADATA
# title: Cohort scans
# description: The scans whose rows are the persons that the result is about.
# scope: document
cohorts contains scan if {
	some scan in scans
	scan.role == "cohort"
}

# METADATA
# title: Household scans
# description: The scans whose rows are persons who live with the persons that the result is about.
# scope: document
households contains scan if {
	some scan in scans
	scan.role == "household"
}

# METADATA
# title: Reads
# description: Every column that a scan reads, with its usages and the name by which a reason points at it.
# scope: document
reads contains read if {
	some scan in scans
	some column in scan.columns
	read := {
		"on": concat(".", [scan.id, column.column]),
		"scan": scan.id,
		"role": scan.role,
		"dataset": scan.dataset,
		"column": column.column,
		"usages": ({usage | some usage in column.usages} | _outputs(scan.id, column.column)),
	}
}

# A column that an output column is computed from is an output, whatever its usages say.
_outputs(scan, column) := {"output" |
	some output in input.query.output.columns
	some origin in output.origins
	origin == concat(".", [scan, column])
}

# METADATA
# title: Scopes
# description: The scopes of the query that are objects; request-well-formed asks more of them.
# scope: document
scopes contains scope if {
	is_array(input.query.scopes)
	some scope in input.query.scopes
	is_object(scope)
}
