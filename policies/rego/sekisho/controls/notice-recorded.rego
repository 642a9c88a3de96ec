package sekisho.controls

import data.sekisho.lib.incidents
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Told, or why not and what instead
# description: >-
#   The persons concerned are told by a route of the guideline; or it is recorded which obstacle of the guideline bars
#   that, and which of its substitutes takes its place.
# custom:
#   control: notice-recorded
granted contains "notice-recorded" if _notice_is_recorded

# METADATA
# description: The route, the obstacle or the substitute is none of the guideline's.
# custom:
#   control: notice-recorded
deny contains {"control": "notice-recorded", "on": "incident.route", "params": {}} if {
	not _notice_is_recorded
}

_notice_is_recorded if {
	shapes.is_name(input.incident.route)
	is_null(input.incident.obstacle)
	is_object(incidents.terms.notice_routes[input.incident.route])
}

_notice_is_recorded if {
	shapes.is_name(input.incident.route)
	shapes.is_name(input.incident.obstacle)
	is_object(incidents.terms.obstacles[input.incident.obstacle])
	is_object(incidents.terms.substitutes[input.incident.route])
}
