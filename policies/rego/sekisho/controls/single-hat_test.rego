package sekisho.controls_test

import data.sekisho.world_test as world

test_single_hat[note] if {
	some note, each in {
		"grants: one of two roles": {
			"case": world.asked("rows", [world.put("/principal/roles", ["user", "runner"])]),
			"refusals": {},
		},
		"refuses a hat that the account does not have: roles of others": {
			"case": world.asked("rows", [world.put("/principal/roles", ["user"])]),
			"refusals": {"single-hat": {"principal.hats"}},
		},
		"refuses a hat that the account does not have: no roles": {
			"case": world.asked("rows", [world.put("/principal/roles", [])]),
			"refusals": {"single-hat": {"principal.hats"}, "roles-compatible": {""}},
		},
		"refuses a hat that the account does not have: roles absent": {
			"case": world.asked("rows", [world.drop("/principal/roles")]),
			"refusals": {"single-hat": {"principal.hats"}, "roles-compatible": {""}},
		},
		"refuses no hat or several: none": {
			"case": world.asked("rows", [world.put("/principal/hats", [])]),
			"refusals": {"single-hat": {"principal.hats"}, "action-matrix": {"principal.hats"}},
		},
		"refuses no hat or several: two": {
			"case": world.asked("rows", [world.put("/principal/hats", ["runner", "user"])]),
			"refusals": {"single-hat": {"principal.hats"}, "action-matrix": {"principal.hats"}},
		},
		"refuses no hat or several: the same twice": {
			"case": world.asked("rows", [world.put("/principal/hats", ["runner", "runner"])]),
			"refusals": {"single-hat": {"principal.hats"}, "action-matrix": {"principal.hats"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
