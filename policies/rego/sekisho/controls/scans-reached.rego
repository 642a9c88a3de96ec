package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Everything read is tied to the cohort
# description: >-
#   Each scan stands for the subject's own data, or through a declared bridge, or, inside a scope with one row per
#   household, for the people living with the subject. Nobody else's rows take part, and nobody else stands as a row.
# custom:
#   control: scans-reached
granted contains "scans-reached" if {
	facts.readable
	facts.scans - _reached_scans == set()
}

# METADATA
# description: A scan that is not tied to the cohort, or not in a way that holds.
# custom:
#   control: scans-reached
deny contains {"control": "scans-reached", "on": scan.id, "params": {"dataset": scan.dataset}} if {
	some scan in (facts.scans - _reached_scans)
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: scans-reached
unspecified["scans-reached"] := {"dataset": ""}

_reached_scans contains scan if {
	some scan in facts.scans
	_stands_somewhere(scan)
	_role_holds(scan)
}

_stands_somewhere(scan) if {
	some scope in facts.scopes
	scan.id in scope.inputs
}

_role_holds(scan) if {
	scan.role == "cohort"
	shapes.is_name(catalogue.dataset(scan.dataset).subject_key)
	every scope in facts.scopes { _may_read_the_cohort(scope, scan) }
}

_role_holds(scan) if {
	scan.role == "attribute"
	shapes.is_name(catalogue.dataset(scan.dataset).subject_key)
	every scope in facts.scopes { _may_read_subjects(scope, scan) }
}

_role_holds(scan) if {
	scan.role == "bridge"
	some other in facts.scans
	catalogue.dataset(other.dataset).bridge == true
	every scope in facts.scopes { _may_read_subjects(scope, scan) }
}

_role_holds(scan) if {
	scan.role == "household"
	every scope in facts.scopes { _may_read_households(scope, scan) }
}

# A table without data subjects is read with its like alone.
_role_holds(scan) if {
	catalogue.is_impersonal
	scan.role == "impersonal"
}

_is_read_elsewhere(scope, scan) if {
	shapes.is_names(scope.inputs)
	not _is_input(scope, scan)
}

_is_input(scope, scan) if scan.id in scope.inputs

_may_read_the_cohort(scope, scan) if _is_read_elsewhere(scope, scan)

_may_read_the_cohort(scope, scan) if {
	scan.id in scope.inputs
	scope.id == input.query.output.scope
}

# Groups may be made of one row a person or a household, too.
_may_read_the_cohort(scope, scan) if {
	scan.id in scope.inputs
	input.query.output.kind == "aggregate"
	scope.grain in {"subject", "household"}
	_makes_the_output(scope)
}

_makes_the_output(scope) if scope.id in _output_inputs

_makes_the_output(scope) if {
	some between in facts.scopes
	between.id in _output_inputs
	between.grain in {"subject", "household"}
	scope.id in between.inputs
}

_output_inputs := {name |
	some scope in facts.scopes
	scope.id == input.query.output.scope
	some name in scope.inputs
}

_may_read_subjects(scope, scan) if _is_read_elsewhere(scope, scan)

_may_read_subjects(scope, scan) if {
	scan.id in scope.inputs
	scope.grain in {"subject", "household", "group"}
}

_may_read_households(scope, scan) if _is_read_elsewhere(scope, scan)

_may_read_households(scope, scan) if {
	scan.id in scope.inputs
	scope.grain == "household"
	scope.id != input.query.output.scope
	some member in facts.households
	member.id in scope.inputs
	count(catalogue.household_keys(member)) > 0
}

# Groups that are counted in households may be made of what stands in them.
_may_read_households(scope, scan) if {
	scan.id in scope.inputs
	scope.grain == "group"
	scope.id == input.query.output.scope
	input.query.output.kind == "aggregate"
	some cohort in facts.cohorts
	count(catalogue.household_keys(cohort)) > 0
}
