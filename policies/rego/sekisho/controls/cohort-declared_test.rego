package sekisho.controls_test

import data.sekisho.world_test as world

test_cohort_declared[note] if {
	some note, each in {
		"grants: one": {"case": world.plain("rows"), "refusals": {}},
		"refuses no cohort: another role": {
			"case": world.asked("rows", [world.put("/query/scans/4/role", "attribute")]),
			"refusals": {
				"cohort-declared": {"query.scans"},
				"target-age": {""},
				"moved-out-excluded": {""},
				"address-protected-excluded": {""},
			},
		},
		"refuses two cohorts: the same dataset": {
			"case": world.asked("rows", [
				world.put("/query/scans/-", {
					"id": "s6",
					"dataset": "a.person",
					"role": "cohort",
					"columns": [{"column": "person_id", "usages": ["join"]}],
				}),
				world.put("/query/scopes/2/inputs/-", "s6"),
			]),
			"refusals": {"cohort-declared": {"s5", "s6"}},
		},
		"refuses a dataset that is not declared: not a cohort": {
			"case": world.given("rows", [world.put("/catalogue/datasets/a.person/cohort", false)]),
			"refusals": {"cohort-declared": {"s5"}},
		},
		"refuses a cohort without a key: null": {
			"case": world.given("rows", [world.put("/catalogue/datasets/a.person/subject_key", null)]),
			"refusals": {"cohort-declared": {"s5"}, "scans-reached": {"s5"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
