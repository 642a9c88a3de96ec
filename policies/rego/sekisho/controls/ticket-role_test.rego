package sekisho.controls_test

import data.sekisho.world_test as world

test_ticket_role[note] if {
	some note, each in {
		"grants: whoever the matrix lets ask": {
			"case": world.plain("ask_for"),
			"refusals": {},
		},
		"refuses a role that is not worn": {
			"case": world.asked("ask_for", [world.put("/principal/roles", ["user", "checker"])]),
			"refusals": {"ticket-role": {"principal.roles"}},
		},
		"refuses an organ": {
			"case": world.asked("carry_out", [world.put("/principal/organ", "outer")]),
			"refusals": {"ticket-role": {"principal.roles"}},
		},
		"refuses what is not known: no roles": {
			"case": world.asked("look_at", [world.drop("/principal/roles")]),
			"refusals": {"roles-compatible": {""}, "single-hat": {"principal.hats"}, "ticket-role": {"principal.roles"}},
		},
		"refuses what is not known: no organ": {
			"case": world.asked("look_at", [world.drop("/principal/organ")]),
			"refusals": {"identity-verified": {"principal.organ"}, "ticket-role": {"principal.roles"}},
		},
		"refuses a guideline that keeps no role away": {
			"case": world.given("grant_ticket", [world.drop("/guideline/parameters/reidentification/never_roles")]),
			"refusals": {"ticket-role": {"principal.roles"}},
		},
		"refuses a guideline that keeps no organ away": {
			"case": world.given("grant_ticket", [world.put("/guideline/parameters/reidentification/never_organs", [])]),
			"refusals": {"ticket-role": {"principal.roles"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
