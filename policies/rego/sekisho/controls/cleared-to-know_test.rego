package sekisho.controls_test

import data.sekisho.world_test as world

test_cleared_to_know[note] if {
	some note, each in {
		"grants: cleared staff": {
			"case": world.plain("consider"),
			"refusals": {},
		},
		"refuses staff who are not cleared": {
			"case": world.asked("consider", [world.put("/principal/dv_cleared", false)]),
			"refusals": {"cleared-to-know": {"principal.dv_cleared"}},
		},
		"refuses what is not known: absent": {
			"case": world.asked("consider", [world.drop("/principal/dv_cleared")]),
			"refusals": {"identity-verified": {"principal.dv_cleared"}, "cleared-to-know": {"principal.dv_cleared"}},
		},
		"refuses what is not known: a text": {
			"case": world.asked("consider", [world.put("/principal/dv_cleared", "true")]),
			"refusals": {"identity-verified": {"principal.dv_cleared"}, "cleared-to-know": {"principal.dv_cleared"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
