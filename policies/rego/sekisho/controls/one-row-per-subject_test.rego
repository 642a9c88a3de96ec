package sekisho.controls_test

import data.sekisho.world_test as world

test_one_row_per_subject[note] if {
	some note, each in {
		"grants: rows": {"case": world.plain("rows"), "refusals": {}},
		"grants: groups": {"case": world.plain("groups"), "refusals": {}},
		"refuses many rows per subject: rows": {
			"case": world.asked("rows", [world.put("/query/output/rows_per_subject", "many")]),
			"refusals": {"one-row-per-subject": {"query.output"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_one_row_per_subject_names_the_dataset if {
	case := world.asked("rows", [world.put("/query/output/rows_per_subject", "many")])
	some reason in world.answer(case).deny
	reason == {"control": "one-row-per-subject", "on": "query.output", "params": {"dataset": "a.person"}}
}
