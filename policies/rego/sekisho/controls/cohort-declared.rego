package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The result is about one declared cohort
# description: Exactly one scan says whom the result is about, and its dataset is declared for that.
# custom:
#   control: cohort-declared
granted contains "cohort-declared" if {
	facts.readable
	count(facts.cohorts) == 1
	every scan in facts.cohorts { _is_declared_cohort(scan.dataset) }
}

granted contains "cohort-declared" if catalogue.is_impersonal

# METADATA
# description: No cohort.
# custom:
#   control: cohort-declared
deny contains {"control": "cohort-declared", "on": "query.scans", "params": {"dataset": ""}} if {
	count(facts.cohorts) == 0
	not catalogue.is_impersonal
}

# METADATA
# description: More than one cohort.
# custom:
#   control: cohort-declared
deny contains {"control": "cohort-declared", "on": scan.id, "params": {"dataset": scan.dataset}} if {
	count(facts.cohorts) > 1
	some scan in facts.cohorts
}

# METADATA
# description: A dataset that is not declared as a cohort.
# custom:
#   control: cohort-declared
deny contains {"control": "cohort-declared", "on": scan.id, "params": {"dataset": scan.dataset}} if {
	some scan in facts.cohorts
	not _is_declared_cohort(scan.dataset)
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: cohort-declared
unspecified["cohort-declared"] := {"dataset": ""}

_is_declared_cohort(name) if {
	dataset := catalogue.dataset(name)
	dataset.cohort == true
	shapes.is_name(dataset.subject_key)
}
