package sekisho.controls

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Another person closes what one has opened
# description: Whoever ends a suspension, or lifts a stop, is not the person who asked for it.
# custom:
#   control: second-person
granted contains "second-person" if _is_another_person

# METADATA
# description: The same person, or one of the two is not known.
# custom:
#   control: second-person
deny contains {"control": "second-person", "on": "principal.id", "params": {}} if {
	not _is_another_person
}

_is_another_person if {
	shapes.is_name(input.principal.id)
	shapes.is_name(input.matter.opened_by)
	input.principal.id != input.matter.opened_by
}
