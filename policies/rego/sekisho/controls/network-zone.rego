package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The network may hold this data form
# description: The request comes from a network zone that the guideline lists for the data form of the answer.
# custom:
#   control: network-zone
granted contains "network-zone" if _zone_may_hold_it

# METADATA
# description: Another zone, or an answer without a data form.
# custom:
#   control: network-zone
deny contains {"control": "network-zone", "on": "zone", "params": {}} if not _zone_may_hold_it

_zone_may_hold_it if {
	shapes.is_name(input.zone)
	input.zone in guideline.data_form.zones
}
