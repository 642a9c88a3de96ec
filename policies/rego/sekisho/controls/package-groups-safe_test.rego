package sekisho.controls_test

import data.sekisho.world_test as world

test_package_groups_safe[note] if {
	some note, each in {
		"grants: as many as there have to be": {
			"case": world.plain("inspect"),
			"refusals": {},
		},
		"grants: more": {
			"case": world.asked("create", [world.put("/provision/k", 50), world.put("/provision/l", 9)]),
			"refusals": {},
		},
		"refuses groups that are small: rows": {
			"case": world.asked("inspect", [world.put("/provision/k", 4)]),
			"refusals": {"package-groups-safe": {"provision.k"}},
		},
		"refuses groups that are small: values": {
			"case": world.asked("create", [world.put("/provision/l", 1)]),
			"refusals": {"package-groups-safe": {"provision.k"}},
		},
		"refuses what is not known: rows": {
			"case": world.asked("create", [world.put("/provision/k", null)]),
			"refusals": {"package-groups-safe": {"provision.k"}},
		},
		"refuses what is not known: values": {
			"case": world.asked("inspect", [world.put("/provision/l", null)]),
			"refusals": {"package-groups-safe": {"provision.k"}},
		},
		"refuses what is not known: half a row": {
			"case": world.asked("inspect", [world.put("/provision/k", 5.5)]),
			"refusals": {"package-groups-safe": {"provision.k"}, "request-well-formed": {"provision"}},
		},
		"refuses a guideline without numbers: rows": {
			"case": world.given("inspect", [world.drop("/guideline/parameters/packages/k_rows")]),
			"refusals": {"package-groups-safe": {"provision.k"}},
		},
		"refuses a guideline without numbers: values": {
			"case": world.given("create", [world.drop("/guideline/parameters/packages/l_values")]),
			"refusals": {"package-groups-safe": {"provision.k"}},
		},
		"refuses a guideline without numbers: one row": {
			"case": world.given("inspect", [world.put("/guideline/parameters/packages/k_rows", 1)]),
			"refusals": {"package-groups-safe": {"provision.k"}},
		},
		"refuses a guideline without numbers: one value": {
			"case": world.given("inspect", [world.put("/guideline/parameters/packages/l_values", 1)]),
			"refusals": {"package-groups-safe": {"provision.k"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
