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

# The 65th birthday is on 2 October 2023: the age is reached on the day before.
test_target_age_counts_completed_years[note] if {
	some note, case in {
		"open above": {"to": null, "conditions": [_born("le", "1958-10-02")]},
		"both ends": {"to": 74, "conditions": [_born("le", "1958-10-02"), _born("gt", "1948-10-02")]},
		"one age": {"to": 65, "conditions": [_born("le", "1958-10-02"), _born("gt", "1957-10-02")]},
	}
	gate := {"roles": ["cohort"], "kind": "ages", "from": 65, "to": case.to}
	answer := world.answer(world.given("rows", [world.put("/guideline/gates/target-age", gate)]))
	answer.obligations.scans.s5.filter.value[1].value == case.conditions
}

test_target_age_holds_on_the_day_and_today if {
	gate := {"roles": ["cohort"], "kind": "ages", "from": 65, "to": 74}
	answer := world.answer({
		"of": "rows",
		"request": [world.put("/as_of", "2020-02-28")],
		"data": [world.put("/guideline/gates/target-age", gate)],
	})
	answer.obligations.scans.s5.filter.value[1].value == [_born("le", "1955-02-28"), _born("gt", "1948-10-02")]
}

test_target_age_refuses_a_window_of_ages_that_is_none[note] if {
	some note, gate in {
		"no first age": {"roles": ["cohort"], "kind": "ages", "to": null},
		"a last age that is no number": {"roles": ["cohort"], "kind": "ages", "from": 1, "to": "9"},
		"before 1900": {"roles": ["cohort"], "kind": "ages", "from": 125, "to": null},
		"an unknown kind": {"roles": ["cohort"], "kind": "eras", "from": 1, "to": 2},
	}
	case := world.given("rows", [world.put("/guideline/gates/target-age", gate)])
	world.refusals(case) == {"target-age": {"s5"}}
}

test_target_age_is_the_purposes_own_where_it_has_one[note] if {
	some note, each in {
		"ages": {"own": {"kind": "ages", "from": 0, "to": 17}, "filter": [_born("le", "2023-10-02"), _born("gt", "2005-10-02")]},
		"grades": {"own": {"kind": "grades", "from": 1, "to": 6}, "filter": [_born("ge", "2011-04-02"), _born("le", "2017-04-01")]},
	}
	answer := world.answer(world.given("rows", [world.put("/guideline/purposes/care/gates", {"target-age": each.own})]))
	answer.obligations.scans.s5.filter.value[1].value == each.filter
}

test_target_age_of_other_purposes_stays_the_general_one if {
	case := world.given("rows", [world.put("/guideline/purposes/tally/gates", {"target-age": {"kind": "ages", "from": 0, "to": 3}})])
	world.answer(case).obligations.scans.s5.filter.value[1].value[0].operator == "ge"
}

test_target_age_refuses_a_window_of_the_purpose_that_is_none[note] if {
	some note, own in {
		"an unknown kind": {"kind": "eras", "from": 1, "to": 2},
		"a condition": {"kind": "condition", "from": 1, "to": 2},
		"no last": {"kind": "ages", "from": 1},
		"a word": "ages",
	}
	case := world.given("rows", [world.put("/guideline/purposes/care/gates", {"target-age": own})])
	world.refusals(case) == {"target-age": {"s5"}}
}

_born(operator, day) := {"type": "field", "operator": operator, "field": "born", "value": day}

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
