package sekisho.lib.catalogue_test

import data.sekisho.world_test as world

_everything_about_persons := {
	"address-protected-excluded", "cohort-declared", "moved-out-excluded", "one-row-per-subject",
	"scans-reached", "smallest-group", "suspended-excluded", "target-age", "approval-route",
}

test_an_answer_about_nobody_is_free if {
	answer := world.answer(world.plain("wares"))
	answer.allow
	answer.obligations.scans.s1 == {
		"forms": {
			"price": {"form": "raw", "leaves": true},
			"street": {"form": "raw", "leaves": true},
		},
		"filter": {"type": "compound", "operator": "and", "value": []},
		"exclude": [],
		"unknown": false,
	}
	answer.obligations.output == {
		"min_group_size": 0,
		"count_by": [],
		"rounding": null,
		"max_rows": 20000,
		"order": "by_output",
		"compare": null,
		"sensitive": [],
	}
}

# What a broker says of a dataset is worth nothing: every control about persons asks the catalogue.
test_what_is_not_declared_is_about_persons[note] if {
	some note, change in {
		"not declared": world.put("/catalogue/datasets/c.lamp/impersonal", false),
		"declaration missing": world.drop("/catalogue/datasets/c.lamp/impersonal"),
		"with a person's key": world.put("/catalogue/datasets/c.lamp/subject_key", "street"),
	}
	refused := object.keys(world.refusals(world.given("wares", [change])))
	_everything_about_persons - refused == set()
}

test_what_its_columns_belie_is_about_persons[note] if {
	some note, change in {
		"a column that may point at somebody": world.put(
			"/catalogue/datasets/c.lamp/columns/street/class",
			"quasi_identifier",
		),
		"a key": world.put("/catalogue/datasets/c.lamp/columns/street/key", "home"),
		"a sensitive column": world.put("/catalogue/datasets/c.lamp/columns/since/sensitivity", "kibi"),
		"a column from taxes": world.put("/catalogue/datasets/c.lamp/columns/since/origin", "benefit"),
	}
	refused := object.keys(world.refusals(world.given("wares", [change])))
	_everything_about_persons - refused == set()
}

test_persons_beside_it_are_not_about_nobody[note] if {
	some note, changes in {
		"said to be about nobody": [world.put("/query/scans/-", {
			"id": "s3",
			"dataset": "c.log",
			"role": "impersonal",
			"columns": [{"column": "missed", "usages": ["output"]}],
		})],
		"as it is": [world.put("/query/scans/-", {
			"id": "s3",
			"dataset": "c.log",
			"role": "unreached",
			"columns": [{"column": "missed", "usages": ["output"]}],
		})],
	}
	refused := object.keys(world.refusals(world.asked("wares", array.concat(
		changes,
		[world.put("/query/scopes/0/inputs/-", "s3")],
	))))
	_everything_about_persons - refused == set()
}

test_only_an_answer_that_says_so_is_about_nobody[kind] if {
	some kind in ["row_level", "aggregate"]
	refused := object.keys(world.refusals(world.asked("wares", [world.put("/query/output/kind", kind)])))
	{"scans-reached", "cohort-declared", "purpose-output-kind"} - refused == set()
}

test_a_group_of_persons_is_no_group_of_nobody if {
	world.refusals(world.asked("wares", [world.put("/query/scopes/0/grain", "group")])) == {"smallest-group": {"query.output"}}
}

test_a_form_other_than_raw_must_fit if {
	case := world.given("wares", [world.put("/guideline/allow_list/wares/c.lamp/columns/price", {"form": "grade"})])
	world.refusals(case) == {"minimal-form": {"s1.price"}}
}

test_a_gate_that_nobody_laid_down_is_not_held if {
	"target-age" in object.keys(world.refusals(world.given("wares", [world.drop("/guideline/gates/target-age")])))
}
