package sekisho.controls

import data.sekisho.lib.dates
import future.keywords.not

# METADATA
# title: On a day that has been
# description: >-
#   An incident became known today or before, and what is recorded of it was done between that day and today.
# custom:
#   control: incident-dated
granted contains "incident-dated" if _is_dated

# METADATA
# description: A day that is still to come, lies before the incident, or is not known.
# custom:
#   control: incident-dated
deny contains {"control": "incident-dated", "on": "incident.on", "params": {}} if {
	not _is_dated
}

_is_dated if {
	input.action == "incident.open"
	dates.has_begun(input.incident.discovered_on)
}

_is_dated if {
	input.action in {"incident.contact", "incident.report", "incident.notify"}
	dates.has_begun(input.incident.discovered_on)
	dates.has_begun(input.incident.on)
	input.incident.on >= input.incident.discovered_on
}
