package sekisho.controls_test

import data.sekisho.world_test as world

test_moved_out_excluded[note] if {
	some note, each in {
		"grants: declared": {"case": world.plain("rows"), "refusals": {}},
		"grants: for several roles": {
			"case": {
				"of": "rows",
				"request": [],
				"data": [
					world.put("/guideline/gates/moved-out-excluded/roles", ["cohort", "attribute"]),
					world.put("/catalogue/datasets/c.roll/gates/moved-out-excluded", "state"),
					world.put("/catalogue/datasets/c.roll/columns/state", {"type": "text"}),
				],
			},
			"refusals": {},
		},
		"refuses a cohort that cannot be filtered: a cohort that declares none": {
			"case": world.given("rows", [world.drop("/catalogue/datasets/a.person/gates/moved-out-excluded")]),
			"refusals": {"moved-out-excluded": {"s5"}},
		},
		"refuses a gate without roles: no roles": {
			"case": world.given("rows", [world.put("/guideline/gates/moved-out-excluded/roles", [])]),
			"refusals": {"moved-out-excluded": {"s1", "s2", "s3", "s4"}},
		},
		"refuses no gate: absent": {
			"case": world.given("rows", [world.drop("/guideline/gates/moved-out-excluded")]),
			"refusals": {"moved-out-excluded": {"s1", "s2", "s3", "s4", "s5"}},
		},
		"refuses a gate for nobody: a role that no scan has": {
			"case": world.given("groups", [world.put("/guideline/gates/moved-out-excluded/roles", ["bridge"])]),
			"refusals": {"moved-out-excluded": {""}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_moved_out_excluded_lays_the_condition_on_the_column[note] if {
	some note, case in {
		"plain": {
			"given": {"type": "field", "operator": "ne", "field": "value", "value": "gone"},
			"laid": {"type": "field", "operator": "ne", "field": "state", "value": "gone"},
		},
		"nested": {
			"given": {"type": "compound", "operator": "and", "value": [
				{"type": "field", "operator": "is_null", "field": "value", "value": false},
				{"type": "compound", "operator": "not", "value": [
					{"type": "field", "operator": "eq", "field": "value", "value": "gone"},
				]},
			]},
			"laid": {"type": "compound", "operator": "and", "value": [
				{"type": "field", "operator": "is_null", "field": "state", "value": false},
				{"type": "compound", "operator": "not", "value": [
					{"type": "field", "operator": "eq", "field": "state", "value": "gone"},
				]},
			]},
		},
	}
	changes := [world.put("/guideline/gates/moved-out-excluded/condition", case.given)]
	world.answer(world.given("rows", changes)).obligations.scans.s5.filter.value[0] == case.laid
}
