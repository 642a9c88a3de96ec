# METADATA
# title: Registrations
# description: >-
#   The declaration of a dataset that a department drafts, confirms or registers: whose it is, and who has confirmed
#   which of its parts.
package sekisho.lib.registrations

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The name of the department
# description: The department whose data the registration is about, for reasons; empty where it names none.
default department_name := ""

department_name := input.registration.department if is_string(input.registration.department)

# METADATA
# title: The steward
# description: Who answers for the data of the department. Undefined for a department that the catalogue does not know.
steward := data.catalogue.departments[input.registration.department].steward if {
	shapes.is_name(data.catalogue.departments[input.registration.department].steward)
}

# METADATA
# title: A well-formed registration
# description: It names a department, a dataset and at least one part; each part is named once.
is_well_formed if {
	shapes.is_name(input.registration.department)
	shapes.is_name(input.registration.dataset)
	is_array(input.registration.parts)
	count(input.registration.parts) > 0
	count({part.part | some part in input.registration.parts}) == count(input.registration.parts)
	count([part | some part in input.registration.parts; _is_part(part)]) == count(input.registration.parts)
}

# METADATA
# title: A department alone
# description: A check of data is about everything that a department has, and names no dataset and no part.
names_a_department_alone if {
	shapes.is_name(input.registration.department)
	is_null(input.registration.dataset)
	input.registration.parts == []
}

_is_part(part) if {
	shapes.is_name(part.part)
	shapes.is_name_or_null(part.confirmed_by)
}
