package sekisho.controls_test

import data.sekisho.world_test as world

test_identity_verified[note] if {
	some note, each in {
		"grants: of a department": {
			"case": world.asked("rows", [world.put("/principal/department", "a")]),
			"refusals": {},
		},
		"refuses each thing that is lacking: principal.mfa": {
			"case": world.asked("rows", [world.put("/principal/mfa", false)]),
			"refusals": {"identity-verified": {"principal.mfa"}},
		},
		"refuses each thing that is lacking: principal.organ": {
			"case": world.asked("rows", [world.put("/principal/organ", "elsewhere")]),
			"refusals": {"identity-verified": {"principal.organ"}},
		},
		"refuses each thing that is lacking: principal.post": {
			"case": world.asked("rows", [world.put("/principal/post", null)]),
			"refusals": {"identity-verified": {"principal.post"}},
		},
		"refuses each thing that is lacking: principal.department": {
			"case": world.asked("rows", [world.drop("/principal/department")]),
			"refusals": {"identity-verified": {"principal.department"}},
		},
		"refuses each thing that is lacking: principal.dv_cleared": {
			"case": world.asked("rows", [world.put("/principal/dv_cleared", "no")]),
			"refusals": {"identity-verified": {"principal.dv_cleared"}},
		},
		"refuses each thing that is lacking: principal.id": {
			"case": world.asked("rows", [world.put("/principal/id", "")]),
			"refusals": {"identity-verified": {"principal.id"}},
		},
		"refuses a token that did not verify: null": {
			"case": world.asked("rows", [world.put("/principal", null)]),
			"refusals": {
				"identity-verified": {""},
				"account-in-force": {"principal.valid_until"},
				"training-current": {"principal.oath", "principal.training_until"},
				"roles-compatible": {""},
				"single-hat": {"principal.hats"},
				"action-matrix": {"principal.hats"},
			},
		},
		"refuses a token that did not verify: absent": {
			"case": world.asked("rows", [world.drop("/principal")]),
			"refusals": {
				"identity-verified": {""},
				"account-in-force": {"principal.valid_until"},
				"training-current": {"principal.oath", "principal.training_until"},
				"roles-compatible": {""},
				"single-hat": {"principal.hats"},
				"action-matrix": {"principal.hats"},
			},
		},
		"refuses a token that did not verify: a name": {
			"case": world.asked("rows", [world.put("/principal", "aki")]),
			"refusals": {
				"identity-verified": {""},
				"account-in-force": {"principal.valid_until"},
				"training-current": {"principal.oath", "principal.training_until"},
				"roles-compatible": {""},
				"single-hat": {"principal.hats"},
				"action-matrix": {"principal.hats"},
			},
		},
	}
	world.refusals(each.case) == each.refusals
}
