package sekisho.controls_test

import data.sekisho.world_test as world

test_sensitive_items_reduced[note] if {
	some note, each in {
		"grants: a level, and yes or no": {"case": world.plain("rows"), "refusals": {}},
		"grants: a band": {
			"case": {
				"of": "rows",
				"request": [
					world.put("/query/scans/0/columns/-", {"column": "times", "usages": ["aggregate"]}),
				],
				"data": [
					world.put("/guideline/allow_list/care/b.visit/columns/times", {
						"form": "band",
						"edges": [3],
					}),
				],
			},
			"refusals": {},
		},
		"grants: a sensitive key as a pseudonym": {
			"case": world.given("rows", [
				world.put("/catalogue/datasets/b.visit/columns/person_id/sensitivity", "kibi"),
			]),
			"refusals": {},
		},
		"refuses a finer form: raw text": {
			"case": world.given("rows", [
				world.put("/guideline/allow_list/care/b.visit/columns/stage", {"form": "raw"}),
			]),
			"refusals": {"sensitive-items-reduced": {"s1.stage"}},
		},
		"refuses a finer form: a town": {
			"case": world.given("rows", [
				world.put("/guideline/allow_list/care/b.visit/columns/stage", {"form": "town"}),
			]),
			"refusals": {"sensitive-items-reduced": {"s1.stage"}},
		},
		"refuses a finer form: a form that the guideline does not count as reduced": {
			"case": world.given("rows", [world.put("/guideline/parameters/reduced_forms", ["flag"])]),
			"refusals": {"sensitive-items-reduced": {"s1.stage"}},
		},
		"refuses a raw number: raw": {
			"case": {
				"of": "rows",
				"request": [
					world.put("/query/scans/0/columns/-", {"column": "times", "usages": ["aggregate"]}),
				],
				"data": [world.put("/guideline/allow_list/care/b.visit/columns/times", {"form": "raw"})],
			},
			"refusals": {"sensitive-items-reduced": {"s1.times"}},
		},
		"refuses a pseudonym of what is no key: a stage": {
			"case": world.given("rows", [world.put("/guideline/allow_list/care/b.visit/columns/stage", {"form": "pseudonym"})]),
			"refusals": {"identifier-pseudonymised": {"s1.stage"}, "sensitive-items-reduced": {"s1.stage"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
