package sekisho.controls

import data.sekisho.lib.absences
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: A deputy decides only in absence
# description: >-
#   A deputy decides only while the absence of everybody who decides on the route is on record, made by somebody else
#   than the deputy and the drafter. Whoever signs another step stands in for nobody.
# custom:
#   control: decider-absent
granted contains "decider-absent" if {
	shapes.is_name(input.step)
	input.step != "deputise"
}

granted contains "decider-absent" if _everybody_is_away

# METADATA
# description: Somebody who decides on the route is not recorded as away today.
# custom:
#   control: decider-absent
deny contains {"control": "decider-absent", "on": "deputy.deciders", "params": {}} if {
	input.step == "deputise"
	not _everybody_is_away
}

_everybody_is_away if {
	input.step == "deputise"
	absences.deciders_are_away
}
