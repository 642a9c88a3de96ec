package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: No account has roles that exclude each other
# description: >-
#   The guideline lists roles that nobody may have together with certain others, or with any other at all.
# custom:
#   control: roles-compatible
granted contains "roles-compatible" if {
	_roles_are_known
	count(_clashing_roles) == 0
}

# METADATA
# description: Two roles of the account that exclude each other.
# custom:
#   control: roles-compatible
deny contains {"control": "roles-compatible", "on": "principal.roles", "params": {"role": role}} if {
	some role in _clashing_roles
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: roles-compatible
unspecified["roles-compatible"] := {"role": ""}

_roles_are_known if {
	shapes.is_names(input.principal.roles)
	is_object(guideline.parameters.incompatible_roles)
	count(guideline.parameters.incompatible_roles) > 0
	count(_readable_exclusions) == count(guideline.parameters.incompatible_roles)
}

_readable_exclusions contains role if {
	some role, others in guideline.parameters.incompatible_roles
	shapes.is_names(others)
}

_clashing_roles contains role if {
	some role, others in guideline.parameters.incompatible_roles
	role in input.principal.roles
	some other in others
	other in input.principal.roles
	other != role
}

_clashing_roles contains role if {
	some role, others in guideline.parameters.incompatible_roles
	role in input.principal.roles
	"any" in others
	some other in input.principal.roles
	other != role
}
