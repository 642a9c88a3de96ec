package sekisho.controls

import data.sekisho.lib.registrations
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Only the holder registers and checks its data
# description: >-
#   The account belongs to the department whose data it is, and the catalogue knows that department. What binds the
#   department, confirming and registering, is done by its steward.
# custom:
#   control: own-department
granted contains "own-department" if _is_the_holders

# METADATA
# description: An account of another department or of none, or one that is not the steward where it has to be.
# custom:
#   control: own-department
deny contains {"control": "own-department", "on": "principal.department", "params": params} if {
	not _is_the_holders
	params := {"department": registrations.department_name}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: own-department
unspecified["own-department"] := {"department": ""}

_is_the_holders if {
	_belongs_to_it
	input.action in {"dataset.draft", "dataset.check"}
}

_is_the_holders if {
	_belongs_to_it
	shapes.is_name(input.principal.id)
	input.principal.id == registrations.steward
}

_belongs_to_it if {
	shapes.is_name(registrations.steward)
	input.principal.department == input.registration.department
}
