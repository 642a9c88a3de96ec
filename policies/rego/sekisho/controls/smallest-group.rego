package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import data.sekisho.obligations
import future.keywords.not

# METADATA
# title: Small groups are withheld
# description: >-
#   Persons are merged into groups at the outermost scope only, the persons of a group can be counted there, and the
#   smallest group for the recipient is known.
# custom:
#   control: smallest-group
granted contains "smallest-group" if _groups_are_safe

# METADATA
# description: Groups below the outermost scope, or groups whose persons cannot be counted.
# custom:
#   control: smallest-group
deny contains {"control": "smallest-group", "on": "query.output", "params": {"k": size}} if {
	not _groups_are_safe
	size := guideline.group_size
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: smallest-group
unspecified["smallest-group"] := {"k": 0}

_groups_are_safe if {
	input.query.output.kind == "row_level"
	_outermost_grain == "subject"
	_inner_scopes_keep_the_subject
}

_groups_are_safe if {
	input.query.output.kind == "aggregate"
	_outermost_grain == "group"
	_inner_scopes_keep_the_subject
	is_number(guideline.group_size)
	facts.readable
	count(facts.cohorts) > 0
	every scan in facts.cohorts { _persons_can_be_counted(scan) }
}

# Groups of what is nobody's have nobody in them to be found.
_groups_are_safe if {
	catalogue.is_impersonal
	_outermost_grain == "impersonal"
}

_outermost_grain := grain if {
	grains := {scope.grain | some scope in facts.scopes; scope.id == input.query.output.scope}
	count(grains) == 1
	some grain in grains
}

_inner_scopes_keep_the_subject if {
	every scope in facts.scopes { _keeps_the_subject(scope) }
}

_keeps_the_subject(scope) if scope.grain in {"subject", "household"}

_keeps_the_subject(scope) if {
	scope.grain == "group"
	scope.id == input.query.output.scope
}

_persons_can_be_counted(scan) if obligations.person_key(scan) in object.keys(obligations.forms(scan))
