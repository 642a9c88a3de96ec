package sekisho.controls

import data.sekisho.lib.incidents
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Persons under protection first, and by safe routes
# description: >-
#   Cleared staff see to the persons under protection by a route that the guideline calls safe, before the other persons
#   are told. That somebody has seen to them says not whether there is anybody.
# custom:
#   control: protected-told-first
granted contains "protected-told-first" if _protected_come_first

# METADATA
# description: The route is none of the safe ones, or nobody has seen to them yet.
# custom:
#   control: protected-told-first
deny contains {"control": "protected-told-first", "on": _what_endangers, "params": {}} if {
	not _protected_come_first
}

_protected_come_first if {
	input.action == "incident.contact"
	shapes.is_name(input.incident.route)
	is_object(incidents.terms.safe_routes[input.incident.route])
	is_null(input.incident.obstacle)
}

_protected_come_first if {
	input.action == "incident.notify"
	input.incident.contacted == true
}

default _what_endangers := "incident.contacted"

_what_endangers := "incident.route" if input.action == "incident.contact"
