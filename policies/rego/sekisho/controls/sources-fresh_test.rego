package sekisho.controls_test

import data.sekisho.world_test as world

test_sources_fresh[note] if {
	some note, each in {
		"grants: on the last day": {
			"case": world.asked("rows", [world.put("/datasets/a.person/as_of", "2023-09-24")]),
			"refusals": {},
		},
		"grants: of today": {
			"case": world.asked("rows", [world.put("/datasets/a.person/as_of", "2023-10-01")]),
			"refusals": {},
		},
		"refuses an extract that is stale or undated: a day too old": {
			"case": world.asked("rows", [world.put("/datasets/a.person/as_of", "2023-09-23")]),
			"refusals": {"sources-fresh": {"s5"}},
		},
		"grants: counted in open days, over a weekend": {
			"case": _counted(0, "2023-09-29"),
			"refusals": {},
		},
		"refuses an extract that is stale in open days": {
			"case": _counted(5, "2023-09-21"),
			"refusals": {"sources-fresh": {"s5"}},
		},
		"refuses a calendar that is none": {
			"case": {"of": "rows", "data": [world.put("/guideline/parameters/freshness_counted_in", {"daily": "other"})]},
			"refusals": {"sources-fresh": {"s2", "s5"}},
		},
		"grants: stale, and the purpose lets it be unknown": {
			"case": _late("unknown", []),
			"refusals": {},
		},
		"refuses what is stale: the purpose wants every source": {
			"case": _late("refuse", []),
			"refusals": {"sources-fresh": {"s1"}},
		},
		"refuses what is stale: rows rest on it": {
			"case": _late("unknown", [world.put("/query/scans/0/decides_rows", true)]),
			"refusals": {"sources-fresh": {"s1"}},
		},
		"refuses a limit that is none: text": {
			"case": world.given("rows", [world.put("/guideline/parameters/freshness_max_days/daily", "7")]),
			"refusals": {"sources-fresh": {"s2", "s5"}},
		},
		"refuses everything undated: no limits": {
			"case": world.given("rows", [world.drop("/guideline/parameters/freshness_max_days")]),
			"refusals": {"protection-current": {"s5"}, "sources-fresh": {"s1", "s2", "s3", "s4", "s5"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_sources_fresh_names_dataset_date_and_limit[note] if {
	some note, case in {
		"stale": {
			"as_of": "2023-09-23",
			"params": {"dataset": "a.person", "as_of": "2023-09-23", "max_days": 7, "calendar": ""},
		},
		"undated": {
			"as_of": "23-09",
			"params": {"dataset": "a.person", "as_of": "", "max_days": 7, "calendar": ""},
		},
	}
	answer := world.answer(world.asked("rows", [world.put("/datasets/a.person/as_of", case.as_of)]))
	answer.deny == [{"control": "sources-fresh", "on": "s5", "params": case.params}]
}

# The member's extract is of the day of the request, so that the person's alone is looked at.
_counted(limit, as_of) := {
	"of": "rows",
	"data": [
		world.put("/guideline/parameters/freshness_counted_in", {"daily": "desk"}),
		world.put("/guideline/parameters/freshness_max_days/daily", limit),
	],
	"request": [world.put("/datasets/a.person/as_of", as_of), world.put("/datasets/a.member/as_of", "2023-10-01")],
}

test_sources_fresh_names_the_calendar if {
	answer := world.answer(_counted(5, "2023-09-21"))
	answer.deny == [{
		"control": "sources-fresh",
		"on": "s5",
		"params": {"dataset": "a.person", "as_of": "2023-09-21", "max_days": 5, "calendar": "desk"},
	}]
}

test_sources_fresh_says_zero_where_there_is_no_limit if {
	answer := world.answer(world.given("rows", [world.drop("/catalogue/datasets/a.person/refresh")]))
	answer.deny == [{
		"control": "sources-fresh",
		"on": "s5",
		"params": {"dataset": "a.person", "as_of": "2023-09-30", "max_days": 0, "calendar": ""},
	}]
}

# The visits' extract is a day too old.
_late(when_stale, changes) := {
	"of": "rows",
	"data": [world.put("/guideline/purposes/care/when_stale", when_stale)],
	"request": array.concat([world.put("/datasets/b.visit/as_of", "2023-08-26")], changes),
}

test_what_is_stale_is_not_asked_and_all_else_is if {
	answer := world.answer(_late("unknown", []))
	{id | some id, scan in answer.obligations.scans; scan.unknown} == {"s1"}
	{id | some id, scan in world.answer(world.plain("rows")).obligations.scans; scan.unknown} == set()
}
