package sekisho.controls

import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Only persons who are named
# description: >-
#   For a purpose that looks persons up, the persons of the result are those that match the columns which the register
#   of purposes names; it makes no list of others. A purpose that names none is not for looking up.
# custom:
#   control: named-persons-only
granted contains "named-persons-only" if {
	is_null(object.get(guideline.purpose, "looks_up", null))
}

granted contains "named-persons-only" if {
	facts.readable
	shapes.is_names(guideline.purpose.looks_up)
	count(facts.cohorts) > 0
	every scan in facts.cohorts { _missing(scan) == set() }
}

# METADATA
# description: A column by which nobody is looked up.
# custom:
#   control: named-persons-only
deny contains {"control": "named-persons-only", "on": scan.id, "params": params} if {
	shapes.is_names(guideline.purpose.looks_up)
	some scan in facts.cohorts
	some column in _missing(scan)
	params := {"dataset": scan.dataset, "column": column}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: named-persons-only
unspecified["named-persons-only"] := {"dataset": "", "column": ""}

# What is granted for a look-up alone is compared at its source; minimal-form sees to it that it is nothing else.
_missing(scan) := {column | some column in guideline.purpose.looks_up} - {read.column |
	some read in facts.reads
	read.scan == scan.id
	guideline.form(read.dataset, read.column).form == "match"
}
