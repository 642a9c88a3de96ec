package sekisho.controls_test

import data.sekisho.world_test as world

test_action_matrix[note] if {
	some note, each in {
		"grants: rows under approval": {"case": world.plain("rows"), "refusals": {}},
		"grants: groups outright": {"case": world.plain("groups"), "refusals": {}},
		"refuses a role that may not: auditor": {
			"case": world.asked("rows", [
				world.put("/principal/roles", ["auditor"]),
				world.put("/principal/hats", ["auditor"]),
			]),
			"refusals": {"action-matrix": {"principal.hats"}},
		},
		"refuses a role that may not: unknown role": {
			"case": world.asked("rows", [
				world.put("/principal/roles", ["zzz"]),
				world.put("/principal/hats", ["zzz"]),
			]),
			"refusals": {"action-matrix": {"principal.hats"}},
		},
		"refuses a role that may not: no entry": {
			"case": world.given("rows", [world.drop("/guideline/action_matrix/runner/query.row_level")]),
			"refusals": {"action-matrix": {"principal.hats"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_action_matrix_names_action_and_role[note] if {
	some note, case in {
		"query.row_level": {
			"of": world.asked("rows", [world.put("/principal/hats", ["user"])]),
			"params": {"action": "query.row_level", "role": "user"},
		},
		"query.aggregate": {
			"of": world.asked("groups", [world.put("/principal/hats", ["user"])]),
			"params": {"action": "query.aggregate", "role": "user"},
		},
		"approval.review": {
			"of": world.asked("review", [world.put("/principal/hats", ["user"])]),
			"params": {"action": "approval.review", "role": "user"},
		},
		"nothing known": {
			"of": world.asked("review", [world.put("/principal/hats", []), world.put("/step", null)]),
			"params": {"action": "", "role": ""},
		},
	}
	some reason in world.answer(case.of).deny
	reason == {"control": "action-matrix", "on": "principal.hats", "params": case.params}
}
