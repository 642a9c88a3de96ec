package sekisho.controls_test

import data.sekisho.world_test as world

test_classes_confirmed[note] if {
	some note, each in {
		"grants: all parts confirmed by the steward": {"case": world.plain("register"), "refusals": {}},
		"refuses a part that nobody has confirmed": {
			"case": world.asked("register", [world.put("/registration/parts/2/confirmed_by", null)]),
			"refusals": {"classes-confirmed": {"registration.stage"}},
		},
		"refuses a part that another has confirmed": {
			"case": world.asked("register", [world.put("/registration/parts/0/confirmed_by", "steward-a")]),
			"refusals": {"classes-confirmed": {"registration.rows"}},
		},
		"refuses a declaration that cannot be read": {
			"case": world.asked("register", [world.put("/registration/parts", [])]),
			"refusals": {"classes-confirmed": {""}, "request-well-formed": {"registration"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
