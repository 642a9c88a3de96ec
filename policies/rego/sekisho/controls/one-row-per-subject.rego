package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import future.keywords.not

# METADATA
# title: One row per person
# description: A row-level output has at most one row about each person of the cohort.
# custom:
#   control: one-row-per-subject
granted contains "one-row-per-subject" if _has_one_row_per_subject

# METADATA
# description: A row-level output in which a person may stand more than once.
# custom:
#   control: one-row-per-subject
deny contains {"control": "one-row-per-subject", "on": "query.output", "params": {"dataset": scan.dataset}} if {
	not _has_one_row_per_subject
	some scan in facts.cohorts
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: one-row-per-subject
unspecified["one-row-per-subject"] := {"dataset": ""}

_has_one_row_per_subject if {
	input.query.output.kind == "row_level"
	input.query.output.rows_per_subject == "one"
}

_has_one_row_per_subject if input.query.output.kind == "aggregate"

_has_one_row_per_subject if catalogue.is_impersonal
