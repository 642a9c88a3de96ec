package sekisho.controls_test

import data.sekisho.world_test as world

test_protection_current[note] if {
	some note, each in {
		"grants: on the last day": {
			"case": world.asked("rows", [world.put("/datasets/a.person/sets/address-protected", "2023-09-30")]),
			"refusals": {},
		},
		"grants: a list that is read as it is": {
			"case": _of(
				[world.drop("/guideline/named_sets/address-protected/refresh")],
				[world.put("/datasets/a.person/sets", {})],
			),
			"refusals": {},
		},
		"grants: a set that is not left out": {
			"case": world.asked("rows", [
				world.put("/principal/dv_cleared", true),
				world.put("/datasets/a.person/sets", {}),
			]),
			"refusals": {},
		},
		"refuses a set that is stale: a day too old": {
			"case": world.asked("rows", [world.put("/datasets/a.person/sets/address-protected", "2023-09-29")]),
			"refusals": {"protection-current": {"s5"}},
		},
		"refuses a set without a day": {
			"case": world.asked("rows", [world.put("/datasets/a.person/sets", {})]),
			"refusals": {"protection-current": {"s5"}},
		},
		"grants: a pseudonym is resolved on the last day": {
			"case": world.asked("carry_out", [world.put("/datasets/a.person/sets/address-protected", "2023-09-30")]),
			"refusals": {},
		},
		"refuses to resolve a pseudonym while the set is stale": {
			"case": world.asked("carry_out", [world.put("/datasets/a.person/sets/address-protected", "2023-09-29")]),
			"refusals": {"protection-current": {"ticket.look_ups"}},
		},
		"refuses a look without a day": {
			"case": world.asked("look_at", [world.put("/datasets/a.person/sets", {})]),
			"refusals": {"protection-current": {"ticket.look_ups"}},
		},
		"refuses cleared staff, too, who would see too much": {
			"case": world.asked("carry_out", [
				world.put("/principal/dv_cleared", true),
				world.put("/ticket/look_ups/0/leave_out", ["suspended"]),
				world.put("/ticket/look_ups/0/alert", null),
				world.put("/ticket/look_ups/0/reduced", {"address-protected": ["name"]}),
				world.put("/datasets/a.person/sets/address-protected", "2023-09-29"),
			]),
			"refusals": {"protection-current": {"ticket.look_ups"}},
		},
		"refuses a class that is none": {
			"case": world.given("rows", [world.put("/guideline/named_sets/address-protected/refresh", 5)]),
			"refusals": {"protection-current": {"s5"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

_of(documents, request) := {"of": "rows", "data": documents, "request": request}

test_protection_current_names_dataset_date_and_limit[note] if {
	some note, case in {
		"stale": {"day": "2023-09-20", "as_of": "2023-09-20"},
		"undated": {"day": "23-09", "as_of": ""},
	}
	answer := world.answer(world.asked("rows", [world.put("/datasets/a.person/sets/address-protected", case.day)]))
	answer.deny == [{
		"control": "protection-current",
		"on": "s5",
		"params": {"dataset": "a.person", "as_of": case.as_of, "max_days": 1, "calendar": ""},
	}]
}
