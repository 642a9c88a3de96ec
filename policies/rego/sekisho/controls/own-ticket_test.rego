package sekisho.controls_test

import data.sekisho.world_test as world

test_own_ticket[note] if {
	some note, each in {
		"grants: whoever asked": {
			"case": world.plain("carry_out"),
			"refusals": {},
		},
		"refuses a colleague": {
			"case": world.asked("carry_out", [world.put("/principal/id", "aki")]),
			"refusals": {"own-ticket": {"principal.id"}},
		},
		"refuses a colleague who looks": {
			"case": world.asked("look_at", [world.put("/ticket/requester", "aki")]),
			"refusals": {"own-ticket": {"principal.id"}},
		},
		"refuses a colleague who ends it": {
			"case": world.asked("end", [world.put("/ticket/requester", "aki")]),
			"refusals": {"own-ticket": {"principal.id"}},
		},
		"refuses who is not known: no requester": {
			"case": world.asked("end", [world.put("/ticket/requester", null)]),
			"refusals": {"own-ticket": {"principal.id"}},
		},
		"refuses who is not known: a list": {
			"case": world.asked("end", [world.put("/ticket/requester", ["nao"])]),
			"refusals": {"own-ticket": {"principal.id"}, "request-well-formed": {"ticket"}},
		},
		"refuses who is not known: no principal": {
			"case": world.asked("end", [world.put("/principal/id", "")]),
			"refusals": {"identity-verified": {"principal.id"}, "own-ticket": {"principal.id"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
