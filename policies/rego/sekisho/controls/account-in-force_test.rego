package sekisho.controls_test

import data.sekisho.world_test as world

test_account_in_force[note] if {
	some note, each in {
		"grants: on the last day": {"case": world.asked("rows", [world.put("/principal/valid_until", "2023-10-01")]), "refusals": {}},
		"refuses an account beyond its last day: yesterday": {"case": world.asked("rows", [world.put("/principal/valid_until", "2023-09-30")]), "refusals": {"account-in-force": {"principal.valid_until"}}},
		"refuses an account beyond its last day: of another action": {"case": world.asked("review", [world.put("/principal/valid_until", "2023-03-31")]), "refusals": {"account-in-force": {"principal.valid_until"}}},
		"refuses an account without a last day: null": {"case": world.asked("rows", [world.put("/principal/valid_until", null)]), "refusals": {"account-in-force": {"principal.valid_until"}}},
		"refuses an account without a last day: absent": {"case": world.asked("rows", [world.drop("/principal/valid_until")]), "refusals": {"account-in-force": {"principal.valid_until"}}},
		"refuses an account without a last day: empty": {"case": world.asked("rows", [world.put("/principal/valid_until", "")]), "refusals": {"account-in-force": {"principal.valid_until"}}},
		"refuses an account without a last day: a number": {"case": world.asked("rows", [world.put("/principal/valid_until", 20240331)]), "refusals": {"account-in-force": {"principal.valid_until"}}},
	}
	world.refusals(each.case) == each.refusals
}
