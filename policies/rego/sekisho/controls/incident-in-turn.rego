package sekisho.controls

import data.sekisho.lib.incidents
import future.keywords.not

# METADATA
# title: A step that the incident is ready for
# description: >-
#   Opened once; assessed before anything rests on the assessment, and not after the final report; each report recorded
#   once, and none after the final one; nothing after it was closed.
# custom:
#   control: incident-in-turn
granted contains "incident-in-turn" if _incident_is_in_turn

# METADATA
# description: The incident is not ready for this step, or is past it.
# custom:
#   control: incident-in-turn
deny contains {"control": "incident-in-turn", "on": "incident.state", "params": {}} if {
	not _incident_is_in_turn
}

_incident_is_in_turn if {
	input.action == "incident.open"
	input.incident.state == "new"
	is_null(input.incident.required)
}

_incident_is_in_turn if {
	input.action == "incident.assess"
	input.incident.state == "open"
	input.incident.final == false
}

_incident_is_in_turn if {
	input.action in {"incident.protected", "incident.contact", "incident.notify", "incident.close"}
	_is_open_and_assessed
}

_incident_is_in_turn if {
	input.action == "incident.report"
	input.incident.stage == "preliminary"
	input.incident.preliminary == false
	input.incident.final == false
	_is_open_and_assessed
}

_incident_is_in_turn if {
	input.action == "incident.report"
	input.incident.stage == "final"
	input.incident.final == false
	_is_open_and_assessed
}

_is_open_and_assessed if {
	input.incident.state == "open"
	incidents.is_assessed
}
