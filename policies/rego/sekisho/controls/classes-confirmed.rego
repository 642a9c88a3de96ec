package sekisho.controls

import data.sekisho.lib.registrations
import future.keywords.not

# METADATA
# title: Every class was confirmed by a person
# description: >-
#   The steward of the department has confirmed each part of the dataset's declaration: what a row is, and for every
#   column its class, sensitivity and origin. What a program proposed counts for nothing by itself.
# custom:
#   control: classes-confirmed
granted contains "classes-confirmed" if {
	registrations.is_well_formed
	every part in input.registration.parts { _is_confirmed(part) }
}

# METADATA
# description: A part that the steward has not confirmed as it stands now.
# custom:
#   control: classes-confirmed
deny contains {"control": "classes-confirmed", "on": on, "params": params} if {
	registrations.is_well_formed
	some part in input.registration.parts
	not _is_confirmed(part)
	on := concat(".", ["registration", part.part])
	params := {"dataset": input.registration.dataset, "column": part.part}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: classes-confirmed
unspecified["classes-confirmed"] := {"dataset": "", "column": ""}

_is_confirmed(part) if part.confirmed_by == registrations.steward
