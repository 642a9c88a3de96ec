package sekisho.controls_test

import data.sekisho.world_test as world

test_cleared_staff[note] if {
	some note, each in {
		"grants: with the mark": {
			"case": world.plain("alerts"),
			"refusals": {},
		},
		"refuses: without the mark": {
			"case": world.asked("alerts", [world.put("/principal/dv_cleared", false)]),
			"refusals": {"cleared-staff": {"principal.dv_cleared"}},
		},
		"refuses: the mark is not known": {
			"case": world.asked("alerts", [world.drop("/principal/dv_cleared")]),
			"refusals": {"cleared-staff": {"principal.dv_cleared"}, "identity-verified": {"principal.dv_cleared"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
