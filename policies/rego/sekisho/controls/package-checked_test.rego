package sekisho.controls_test

import data.sekisho.world_test as world

test_package_checked[note] if {
	some note, each in {
		"grants: nothing found": {
			"case": world.plain("inspect"),
			"refusals": {},
		},
		"grants: nothing found when it is made": {
			"case": world.plain("create"),
			"refusals": {},
		},
		"refuses what was found: one": {
			"case": world.asked("inspect", [world.put("/provision/findings", 1)]),
			"refusals": {"package-checked": {"provision.findings"}},
		},
		"refuses what was found: when it is made": {
			"case": world.asked("create", [world.put("/provision/findings", 2)]),
			"refusals": {"package-checked": {"provision.findings"}},
		},
		"refuses what nobody looked at: null": {
			"case": world.asked("inspect", [world.put("/provision/findings", null)]),
			"refusals": {"package-checked": {"provision.findings"}},
		},
		"refuses what nobody looked at: absent": {
			"case": world.asked("create", [world.drop("/provision/findings")]),
			"refusals": {"package-checked": {"provision.findings"}, "request-well-formed": {"provision"}},
		},
		"refuses what nobody looked at: a text": {
			"case": world.asked("create", [world.put("/provision/findings", "0")]),
			"refusals": {"package-checked": {"provision.findings"}, "request-well-formed": {"provision"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
