package sekisho.controls

import data.sekisho.lib.dates
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The person is known, trained and under oath
# description: A verified account with two factors, the oath filed and training that still counts.
# custom:
#   control: identity-verified
granted contains "identity-verified" if {
	every part in _wanted_of_a_principal { _principal_has(part) }
}

# METADATA
# description: Each thing that the principal lacks.
# custom:
#   control: identity-verified
deny contains {"control": "identity-verified", "on": concat(".", ["principal", part]), "params": {}} if {
	is_object(input.principal)
	some part in _wanted_of_a_principal
	not _principal_has(part)
}

_wanted_of_a_principal := {"id", "organ", "post", "department", "oath", "training_until", "dv_cleared", "mfa"}

_principal_has(part) if {
	part in {"id", "organ"}
	shapes.is_name(input.principal[part])
}

_principal_has(part) if {
	part == "post"
	is_string(input.principal.post)
}

_principal_has(part) if {
	part == "department"
	shapes.is_name_or_null(input.principal.department)
}

_principal_has(part) if {
	part in {"oath", "mfa"}
	input.principal[part] == true
}

_principal_has(part) if {
	part == "dv_cleared"
	is_boolean(input.principal.dv_cleared)
}

_principal_has(part) if {
	part == "training_until"
	dates.is_not_over(input.principal.training_until)
}
