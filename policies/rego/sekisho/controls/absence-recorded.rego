package sekisho.controls

import data.sekisho.lib.absences
import future.keywords.not

# METADATA
# title: An absence is recorded by the right person
# description: >-
#   The absence of somebody who has a deputy is recorded, and ended, by that person or by a role that the routes name.
#   It begins today or later and lasts no longer than the guideline says.
# custom:
#   control: absence-recorded
granted contains "absence-recorded" if {
	_has_a_deputy
	_may_record_it
	_is_in_its_time
}

# METADATA
# description: Somebody for whom nobody decides, another than who may record it, or other days.
# custom:
#   control: absence-recorded
deny contains {"control": "absence-recorded", "on": "absence.roles", "params": {}} if {
	not _has_a_deputy
}

deny contains {"control": "absence-recorded", "on": "principal.id", "params": {}} if {
	not _may_record_it
}

deny contains {"control": "absence-recorded", "on": "absence.last", "params": {}} if {
	not _is_in_its_time
}

_has_a_deputy if absences.has_a_deputy(input.absence.roles)

_may_record_it if absences.may_record(input.absence)

_is_in_its_time if {
	input.action == "absence.record"
	absences.is_of_fit_length(input.absence)
}

_is_in_its_time if input.action == "absence.end"
