package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The person is known
# description: A verified account with two factors, of a known organ, with what decides about its rights.
# custom:
#   control: identity-verified
granted contains "identity-verified" if {
	_wanted_of_a_principal - _settled_of_the_principal == set()
}

# METADATA
# description: Each thing that the principal lacks.
# custom:
#   control: identity-verified
deny contains {"control": "identity-verified", "on": concat(".", ["principal", part]), "params": {}} if {
	is_object(input.principal)
	some part in (_wanted_of_a_principal - _settled_of_the_principal)
}

_wanted_of_a_principal := {"id", "organ", "post", "department", "dv_cleared", "mfa"}

_settled_of_the_principal contains "id" if shapes.is_name(input.principal.id)

_settled_of_the_principal contains "organ" if input.principal.organ in guideline.parameters.organs

_settled_of_the_principal contains "post" if shapes.is_name(input.principal.post)

_settled_of_the_principal contains "department" if shapes.is_name_or_null(input.principal.department)

_settled_of_the_principal contains "mfa" if input.principal.mfa == true

_settled_of_the_principal contains "dv_cleared" if is_boolean(input.principal.dv_cleared)
