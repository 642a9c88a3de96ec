package sekisho.controls

import data.sekisho.lib.incidents
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Nothing of an incident is left open
# description: >-
#   Where the commission has to be told, or it is not known whether, the final report and the telling of the persons
#   are recorded; and there are measures against repetition, of the kinds that the guideline names.
# custom:
#   control: incident-settled
granted contains "incident-settled" if {
	_is_reported
	_is_told
	_has_measures
}

# METADATA
# description: The final report is missing.
# custom:
#   control: incident-settled
deny contains {"control": "incident-settled", "on": "incident.final", "params": {}} if {
	not _is_reported
}

# METADATA
# description: It is not recorded that the persons were told, or what replaced it.
# custom:
#   control: incident-settled
deny contains {"control": "incident-settled", "on": "incident.notified", "params": {}} if {
	not _is_told
}

# METADATA
# description: No measure, or one that the guideline does not name.
# custom:
#   control: incident-settled
deny contains {"control": "incident-settled", "on": "incident.measures", "params": {}} if {
	not _has_measures
}

_is_reported if input.incident.required == "no"

_is_reported if {
	input.incident.required in {"yes", "unknown"}
	input.incident.final == true
}

_is_told if input.incident.required == "no"

_is_told if {
	input.incident.required in {"yes", "unknown"}
	input.incident.notified == true
}

_has_measures if {
	shapes.is_names(input.incident.measures)
	every measure in input.incident.measures { is_object(incidents.terms.measures[measure]) }
}
