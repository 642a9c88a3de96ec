package sekisho.controls_test

import data.sekisho.world_test as world

test_suspended_excluded[note] if {
	some note, each in {
		"grants: left out": {
			"case": world.plain("rows"),
			"refusals": {},
		},
		"grants: left out of groups": {
			"case": world.plain("groups"),
			"refusals": {},
		},
		"grants: a household of another holder": {
			"case": world.given("rows", [world.put("/guideline/named_sets/suspended/departments", ["a", "c"])]),
			"refusals": {},
		},
		"refuses another holder: the cohort": {
			"case": world.given("rows", [world.put("/guideline/named_sets/suspended/departments", ["b", "c"])]),
			"refusals": {"suspended-excluded": {"s5"}},
		},
		"refuses another holder: an attribute": {
			"case": world.given("rows", [world.put("/guideline/named_sets/suspended/departments", ["a", "b"])]),
			"refusals": {"suspended-excluded": {"s3"}},
		},
		"refuses another holder: nobody holds it": {
			"case": world.given("rows", [world.drop("/guideline/named_sets/suspended/departments")]),
			"refusals": {"suspended-excluded": {"s3", "s5"}},
		},
		"refuses clearance: a mark that lifts it": {
			"case": {"of": "rows", "request": [world.put("/principal/dv_cleared", true)], "data": [world.put("/guideline/named_sets/suspended/unless", "dv_cleared"), world.put("/guideline/named_sets/suspended/departments", ["b"])]},
			"refusals": {"suspended-excluded": {"s3", "s5"}},
		},
		"refuses no set: none": {
			"case": world.given("rows", [world.drop("/guideline/named_sets/suspended")]),
			"refusals": {"suspended-excluded": {""}},
		},
		"refuses no set: of another control": {
			"case": world.given("rows", [world.put("/guideline/named_sets/suspended/control", "other")]),
			"refusals": {"suspended-excluded": {""}},
		},
		"refuses no set: for a role that no scan has": {
			"case": world.given("groups", [world.put("/guideline/named_sets/suspended/roles", ["bridge"])]),
			"refusals": {"suspended-excluded": {""}},
		},
		"refuses a set without roles: absent": {
			"case": world.given("rows", [world.drop("/guideline/named_sets/suspended/roles")]),
			"refusals": {"suspended-excluded": {"s1", "s2", "s3", "s4", "s5"}},
		},
		"refuses a set without roles: a word": {
			"case": world.given("rows", [world.put("/guideline/named_sets/suspended/roles", "cohort")]),
			"refusals": {"suspended-excluded": {"s1", "s2", "s3", "s4", "s5"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
