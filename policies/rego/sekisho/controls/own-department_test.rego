package sekisho.controls_test

import data.sekisho.world_test as world

test_own_department[note] if {
	some note, each in {
		"grants: the steward registers": {"case": world.plain("register"), "refusals": {}},
		"grants: somebody of the department drafts": {"case": world.plain("draft"), "refusals": {}},
		"grants: somebody of the department checks": {"case": world.plain("check"), "refusals": {}},
		"refuses another department to check": {
			"case": world.asked("check", [world.put("/principal/department", "a")]),
			"refusals": {"own-department": {"principal.department"}},
		},
		"refuses another department": {
			"case": world.asked("draft", [world.put("/principal/department", "a")]),
			"refusals": {"own-department": {"principal.department"}},
		},
		"refuses somebody who is not the steward": {
			"case": world.asked("confirm", [world.put("/principal/id", "eri")]),
			"refusals": {"own-department": {"principal.department"}},
		},
		"refuses a department that is not known": {
			"case": world.asked("draft", [
				world.put("/principal/department", "z"),
				world.put("/registration/department", "z"),
			]),
			"refusals": {"own-department": {"principal.department"}},
		},
		"grants: the steward looks at what would leave": {
			"case": world.plain("preview"),
			"refusals": {},
		},
		"refuses a look by somebody who is not the steward": {
			"case": world.asked("preview", [world.put("/principal/id", "eri")]),
			"refusals": {"own-department": {"principal.department"}},
		},
		"refuses a look at another department": {
			"case": world.asked("preview", [world.put("/registration/department", "a")]),
			"refusals": {"own-department": {"principal.department"}},
		},
		"refuses a look at what is with its drafter": {
			"case": world.asked("preview", [world.put("/approval/state", "returned")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses where no department is named": {
			"case": world.asked("draft", [world.put("/registration", null)]),
			"refusals": {"own-department": {"principal.department"}, "request-well-formed": {"registration"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
