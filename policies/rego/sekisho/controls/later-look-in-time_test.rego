package sekisho.controls_test

import data.sekisho.world_test as world

test_later_look_in_time_grants[note] if {
	some note, each in {
		"grants: on the last day": {
			"case": world.plain("deputise"),
			"refusals": {},
		},
		"grants: nothing waits": {
			"case": world.asked("deputise", [world.put("/deputy/due", [])]),
			"refusals": {},
		},
		"grants: whoever signs another step": {
			"case": world.plain("review"),
			"refusals": {},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_later_look_in_time_refuses[note] if {
	some note, each in {
		"refuses what waits beyond its day": {
			"case": world.asked("deputise", [world.put("/deputy/due", ["2023-10-13", "2023-09-30"])]),
			"refusals": {"later-look-in-time": {"deputy.due"}},
		},
		"refuses what is not well-formed: no list": {
			"case": world.asked("deputise", [world.put("/deputy/due", {})]),
			"refusals": {"decider-absent": {"deputy.deciders"}, "later-look-in-time": {"deputy.due"}, "request-well-formed": {"deputy"}},
		},
		"refuses what is not well-formed: no day": {
			"case": world.asked("deputise", [world.put("/deputy/due", ["soon"])]),
			"refusals": {"decider-absent": {"deputy.deciders"}, "later-look-in-time": {"deputy.due"}, "request-well-formed": {"deputy"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
