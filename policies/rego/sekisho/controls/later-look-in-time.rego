package sekisho.controls

import data.sekisho.lib.absences
import data.sekisho.lib.dates
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: What a deputy decided before was looked at in time
# description: >-
#   Nothing that this deputy has decided still waits for the decider beyond its day. Whoever signs another step stands
#   in for nobody.
# custom:
#   control: later-look-in-time
granted contains "later-look-in-time" if {
	shapes.is_name(input.step)
	input.step != "deputise"
}

granted contains "later-look-in-time" if _nothing_is_overdue

# METADATA
# description: An earlier decision of the deputy waits beyond its day.
# custom:
#   control: later-look-in-time
deny contains {"control": "later-look-in-time", "on": "deputy.due", "params": {}} if {
	input.step == "deputise"
	not _nothing_is_overdue
}

_nothing_is_overdue if {
	input.step == "deputise"
	absences.are_well_formed(input.deputy)
	every day in input.deputy.due { dates.is_not_over(day) }
}
