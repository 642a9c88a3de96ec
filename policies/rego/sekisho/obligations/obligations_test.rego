package sekisho.obligations_test

import data.sekisho.world_test as world

_always := {"type": "compound", "operator": "and", "value": []}

test_every_column_that_a_scan_reads_has_its_form if {
	forms := {scan: object.keys(obliged.forms) |
		some scan, obliged in world.answer(world.plain("rows")).obligations.scans
	}
	scans := data.world.requests.rows.query.scans
	forms == {scan.id: {column.column | some column in scan.columns} | some scan in scans}
}

test_a_form_says_whether_it_leaves[column] if {
	some column, leaves in {"person_id": true, "state": false}
	world.answer(world.plain("rows")).obligations.scans.s5.forms[column].leaves == leaves
}

test_a_form_that_does_not_say_leaves if {
	case := world.given("rows", [world.put("/guideline/allow_list/care/a.person/columns/level", {"form": "raw"})])
	world.answer(case).obligations.scans.s5.forms.level == {"form": "raw", "leaves": true}
}

test_only_the_cohort_is_filtered[scan] if {
	some scan in {"s1", "s2", "s3", "s4"}
	obliged := world.answer(world.plain("rows")).obligations.scans[scan]
	obliged.filter == _always
}

test_a_set_is_left_out_of_scans_of_its_roles[scan] if {
	some scan, sets in {
		"s1": [],
		"s2": [],
		"s3": ["suspended"],
		"s4": [],
		"s5": ["address-protected", "suspended"],
	}
	world.answer(world.plain("rows")).obligations.scans[scan].exclude == sets
}

test_the_key_of_the_persons_has_a_form_where_groups_are_counted if {
	case := world.asked("groups", [world.drop("/query/scans/0/columns/1")])
	obligations := world.answer(case).obligations
	obligations.scans.s1.forms.person_id == {"form": "pseudonym", "leaves": true}
	obligations.output.count_by == [{"scan": "s1", "column": "person_id", "unit": "person"}]
}

test_rows_that_do_not_read_the_key_are_not_counted_by_it if {
	case := world.asked("rows", [
		world.drop("/query/scans/4/columns/0"),
		world.drop("/query/output/columns/0"),
	])
	obligations := world.answer(case).obligations
	obligations.output.count_by == [{"scan": "s2", "column": "home_id", "unit": "household"}]
	not obligations.scans.s5.forms.person_id
}

test_groups_that_read_a_household_are_counted_in_households_too if {
	case := world.asked("groups", [world.put("/query/scans/0/columns/-", {"column": "home_id", "usages": ["group"]})])
	world.answer(case).obligations.output.count_by == [
		{"scan": "s1", "column": "person_id", "unit": "person"},
		{"scan": "s1", "column": "home_id", "unit": "household"},
	]
}

test_rows_are_not_counted_in_households_of_the_cohort if {
	counted := world.answer(world.plain("rows")).obligations.output.count_by
	{count_by.scan | some count_by in counted; count_by.unit == "household"} == {"s2"}
}

test_persons_are_counted_before_households if {
	world.answer(world.plain("rows")).obligations.output == {
		"min_group_size": 0,
		"count_by": [
			{"scan": "s5", "column": "person_id", "unit": "person"},
			{"scan": "s2", "column": "home_id", "unit": "household"},
		],
		"rounding": null,
		"max_rows": 20000,
		"order": "by_output",
		"compare": null,
		"sensitive": [
			{"column": "helped", "scan": "s1"},
			{"column": "stage", "scan": "s1"},
		],
	}
}

test_a_purpose_may_have_fewer_rows_and_never_more[note] if {
	some note, each in {
		"its own": {"own": 3, "max_rows": 3},
		"one more than all": {"own": 20001, "max_rows": 20000},
	}
	answer := world.answer(world.given("rows", [world.put("/guideline/purposes/care/max_rows", each.own)]))
	answer.obligations.output.max_rows == each.max_rows
}

test_a_purpose_says_how_exactly_effort_is_told[note] if {
	some note, each in {
		"both": {"reported": {"rows": 100, "seconds": 5}, "report": {"rows": 100, "seconds": 5}},
		"rows": {"reported": {"rows": 100}, "report": {"rows": 100, "seconds": null}},
		"time": {"reported": {"seconds": 5}, "report": {"rows": null, "seconds": 5}},
	}
	answer := world.answer(world.given("rows", [world.put("/guideline/purposes/care/reported", each.reported)]))
	answer.obligations.output.report == each.report
}

test_effort_that_is_told_in_no_multiples_allows_nothing[note] if {
	some note, reported in {"a text": "100", "zero": {"rows": 0}, "a fraction": {"seconds": 0.5}}
	world.answer(world.given("rows", [world.put("/guideline/purposes/care/reported", reported)])).allow == false
}

test_a_number_of_rows_that_is_none_allows_nothing[note] if {
	some note, own in {"zero": 0, "a text": "3", "null": null}
	world.answer(world.given("rows", [world.put("/guideline/purposes/care/max_rows", own)])).allow == false
}

test_groups_are_compared_within_a_period[note] if {
	some note, case in {
		"the longest, where nothing is said": {"changes": [], "compare": {"period": "fiscal_year", "smallest": 5}},
		"a month": {
			"changes": [world.put("/guideline/parameters/comparison_period", "month")],
			"compare": {"period": "month", "smallest": 5},
		},
		"another number": {
			"changes": [world.put("/guideline/parameters/k_internal", 7)],
			"compare": {"period": "fiscal_year", "smallest": 7},
		},
	}
	world.answer(world.given("groups", case.changes)).obligations.output.compare == case.compare
}

test_a_period_that_is_none_grants_nothing if {
	case := world.given("groups", [world.put("/guideline/parameters/comparison_period", "week")])
	not world.answer(case).allow
}

_recurring := {"months": 12, "arrivals_per_thousand": 50, "departures_per_thousand": 50, "roundings": [10, 20]}

_series(rounding, functions, changes) := world.answer({
	"of": "groups",
	"request": [
		world.put("/approval", object.union(data.world.requests.rows.approval, {
			"purpose": "tally",
			"sql_digest": data.world.requests.groups.query.sql_digest,
			"series": {"interval": "month", "rounding": rounding},
		})),
		world.put("/query/functions", functions),
	],
	"data": array.concat([world.put("/guideline/parameters/recurring", _recurring)], changes),
}).obligations.output

test_counts_that_recur_are_rounded_and_are_no_strangers_to_each_other if {
	output := _series(20, ["count"], [])
	output.rounding == 20
	output.compare == {"period": "fiscal_year", "smallest": 5, "series": "ap-1"}
}

test_what_recurs_is_rounded_as_all_else_where_that_is_more[note] if {
	some note, each in {"more": {"all": 50, "is": 50}, "less": {"all": 5, "is": 10}}
	_series(10, ["count"], [world.put("/guideline/parameters/rounding", each.all)]).rounding == each.is
}

test_what_recurs_otherwise_is_compared[note] if {
	some note, output in {
		"a rounding that the guideline does not name": _series(30, ["count"], []),
		"one below the smallest group": _series(3, ["count"], [world.put(
			"/guideline/parameters/recurring/roundings",
			[3],
		)]),
		"a sum": _series(10, ["count", "sum"], []),
		"rows of which a person may have several": _series(10, ["count"], [world.put(
			"/catalogue/datasets/b.visit/unique_by",
			["person_id", "stage"],
		)]),
		"a guideline that knows of none": _series(10, ["count"], [world.drop("/guideline/parameters/recurring")]),
	}
	output.rounding == null
	output.compare == {"period": "fiscal_year", "smallest": 5}
}

test_terms_are_those_of_the_purpose if {
	answer := world.answer(world.given("rows", [
		world.put("/guideline/purposes/care/expires_in_days", 30),
		world.put("/guideline/purposes/care/required_reviewers", ["rin", "aki"]),
		world.put("/guideline/parameters/rounding", 10),
	]))
	answer.obligations.expires_in_days == 30
	answer.obligations.required_reviewers == ["aki", "rin"]
	answer.obligations.output.rounding == 10
	answer.obligations.pseudonyms == {"domain": "screening", "epoch": "2023"}
}
