package sekisho.controls_test

import data.sekisho.world_test as world

test_target_age[note] if {
	some note, each in {
		"grants: declared": {"case": world.plain("rows"), "refusals": {}},
		"grants: for several roles": {
			"case": {
				"of": "rows",
				"request": [],
				"data": [
					world.put("/guideline/gates/target-age/roles", ["cohort", "attribute"]),
					world.put("/catalogue/datasets/c.roll/gates/target-age", "born"),
					world.put("/catalogue/datasets/c.roll/columns/born", {"type": "date"}),
				],
			},
			"refusals": {},
		},
		"refuses a cohort that cannot be filtered: a cohort that declares none": {
			"case": world.given("rows", [world.drop("/catalogue/datasets/a.person/gates/target-age")]),
			"refusals": {"target-age": {"s5"}},
		},
		"refuses a gate without roles: no roles": {
			"case": world.given("rows", [world.put("/guideline/gates/target-age/roles", [])]),
			"refusals": {"target-age": {"s1", "s2", "s3", "s4"}},
		},
		"refuses no gate: absent": {
			"case": world.given("rows", [world.drop("/guideline/gates/target-age")]),
			"refusals": {"target-age": {"s1", "s2", "s3", "s4", "s5"}},
		},
		"refuses a gate for nobody: a role that no scan has": {
			"case": world.given("groups", [world.put("/guideline/gates/target-age/roles", ["bridge"])]),
			"refusals": {"target-age": {""}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_target_age_follows_the_1_april_rule_on_the_day_and_today[note] if {
	some note, case in {
		"2023-10-01": {"from": "2005-04-02", "to": "2017-04-01"},
		"2023-04-01": {"from": "2005-04-02", "to": "2017-04-01"},
		"2023-03-31": {"from": "2005-04-02", "to": "2016-04-01"},
		"2020-02-29": {"from": "2005-04-02", "to": "2013-04-01"},
	}
	conditions := world.answer(world.asked("rows", [world.put("/as_of", note)])).obligations.scans.s5.filter.value
	conditions[1] == {"type": "compound", "operator": "and", "value": [
		{"type": "field", "operator": "ge", "field": "born", "value": case.from},
		{"type": "field", "operator": "le", "field": "born", "value": case.to},
	]}
}
