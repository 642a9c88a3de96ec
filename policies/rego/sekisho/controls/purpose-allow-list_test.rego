package sekisho.controls_test

import data.sekisho.world_test as world

test_purpose_allow_list[note] if {
	some note, each in {
		"grants: a column more": {
			"case": world.asked("rows", [
				world.put("/query/scans/4/columns/-", {"column": "zone", "usages": ["output"]}),
			]),
			"refusals": {},
		},
		"refuses a column that is not listed: of a listed dataset": {
			"case": world.asked("rows", [
				world.put("/query/scans/4/columns/-", {"column": "grant", "usages": ["output"]}),
			]),
			"refusals": {"purpose-allow-list": {"s5.grant"}},
		},
		"refuses a dataset that is not listed: no row": {
			"case": world.given("rows", [world.drop("/guideline/allow_list/care/c.log")]),
			"refusals": {"purpose-allow-list": {"s4"}},
		},
		"refuses a listed column that the catalogue lacks: unknown": {
			"case": {
				"of": "rows",
				"request": [
					world.put("/query/scans/4/columns/-", {"column": "ghost", "usages": ["output"]}),
				],
				"data": [world.put("/guideline/allow_list/care/a.person/columns/ghost", {"form": "raw"})],
			},
			"refusals": {
				"purpose-allow-list": {"s5.ghost"},
				"identifier-never-leaves": {"s5.ghost"},
				"no-free-text": {"s5.ghost"},
				"my-number-prohibited": {"s5.ghost"},
				"tax-origin-prohibited": {"s5.ghost"},
				"sensitive-items-approved": {"s5.ghost"},
			},
		},
		"refuses everything without a list: no list of the purpose": {
			"case": world.given("rows", [world.drop("/guideline/allow_list/care")]),
			"refusals": {"purpose-allow-list": {"s1", "s2", "s3", "s4", "s5"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_purpose_allow_list_names_dataset_and_column[note] if {
	some note, case in {
		"a dataset": {
			"of": world.given("rows", [world.drop("/guideline/allow_list/care/c.log")]),
			"reason": {"control": "purpose-allow-list", "on": "s4", "params": {"dataset": "c.log", "column": ""}},
		},
		"a column": {
			"of": world.given("rows", [world.drop("/guideline/allow_list/care/c.log/columns/missed")]),
			"reason": {
				"control": "purpose-allow-list",
				"on": "s4.missed",
				"params": {"dataset": "c.log", "column": "missed"},
			},
		},
	}
	world.answer(case.of).deny == [case.reason]
}
