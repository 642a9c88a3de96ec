package sekisho.controls_test

import data.sekisho.world_test as world

test_roles_compatible[note] if {
	some note, each in {
		"grants: roles that nothing excludes": {"case": world.asked("rows", [world.put("/principal/roles", ["user", "runner", "checker"])]), "refusals": {}},
		"grants: an exclusive role alone": {"case": world.plain("ledger"), "refusals": {}},
		"refuses roles that exclude each other: by name": {"case": world.asked("rows", [world.put("/principal/roles", ["runner", "keeper"])]), "refusals": {"roles-compatible": {"principal.roles"}}},
		"refuses roles that exclude each other: with anything": {"case": world.asked("rows", [world.put("/principal/roles", ["runner", "auditor"])]), "refusals": {"roles-compatible": {"principal.roles"}}},
		"refuses an account whose roles cannot be read: none": {"case": world.asked("ledger", [world.put("/principal/roles", [])]), "refusals": {"roles-compatible": {""}, "single-hat": {"principal.hats"}}},
		"refuses everybody where nothing is listed: empty": {"case": world.given("rows", [world.put("/guideline/parameters/incompatible_roles", {})]), "refusals": {"roles-compatible": {""}}},
		"refuses everybody where nothing is listed: absent": {"case": world.given("rows", [world.drop("/guideline/parameters/incompatible_roles")]), "refusals": {"roles-compatible": {""}}},
		"refuses everybody where the list cannot be read: names as a text": {"case": world.given("rows", [world.put("/guideline/parameters/incompatible_roles/keeper", "runner")]), "refusals": {"roles-compatible": {""}}},
		"refuses everybody where the list cannot be read: no names": {"case": world.given("rows", [world.put("/guideline/parameters/incompatible_roles/keeper", [])]), "refusals": {"roles-compatible": {""}}},
	}
	world.refusals(each.case) == each.refusals
}
