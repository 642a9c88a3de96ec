# METADATA
# title: Incidents
# description: >-
#   A leak, or the suspicion of one, as the broker states it: how far it has got, and what the next step would be. What
#   it is worth, the controls say.
package sekisho.lib.incidents

import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The terms
# description: What the guideline lays down for incidents. Undefined where it knows none.
terms := guideline.parameters.incidents

# METADATA
# title: Actions on an incident
# description: The actions that are about one incident.
actions := {
	"incident.open", "incident.assess", "incident.protected", "incident.contact",
	"incident.report", "incident.notify", "incident.close",
}

# METADATA
# title: A well-formed incident
# description: Every field of the incident is there and of its form.
is_well_formed if {
	input.incident.state in {"new", "open", "closed"}
	dates.is_date(input.incident.discovered_on)
	input.incident.required in {"yes", "no", "unknown", null}
	every mark in ["contacted", "preliminary", "final", "notified"] { is_boolean(input.incident[mark]) }
	input.incident.stage in {"preliminary", "final", null}
	_is_date_or_null(input.incident.on)
	shapes.is_name_or_null(input.incident.route)
	shapes.is_name_or_null(input.incident.obstacle)
	shapes.is_names_or_empty(input.incident.measures)
}

# METADATA
# title: It is assessed
# description: Whether the commission has to be told was found out, be it that it is not known.
is_assessed if input.incident.required in {"yes", "no", "unknown"}

_is_date_or_null(value) if is_null(value)

_is_date_or_null(value) if dates.is_date(value)
