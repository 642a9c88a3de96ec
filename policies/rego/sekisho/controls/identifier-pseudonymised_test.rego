package sekisho.controls_test

import data.sekisho.world_test as world

test_identifier_pseudonymised[note] if {
	some note, each in {
		"grants: pseudonyms": {"case": world.plain("rows"), "refusals": {}},
		"refuses a key in another form: raw": {
			"case": world.given("rows", [
				world.put("/guideline/allow_list/care/a.person/columns/home_id", {"form": "raw"}),
			]),
			"refusals": {"identifier-pseudonymised": {"s5.home_id"}},
		},
		"refuses a key in another form: an attribute that holds a key": {
			"case": {
				"of": "rows",
				"request": [],
				"data": [
					world.put("/guideline/allow_list/care/a.person/columns/home_id", {"form": "raw"}),
					world.put("/catalogue/datasets/a.person/columns/home_id/class", "attribute"),
				],
			},
			"refusals": {"identifier-pseudonymised": {"s5.home_id"}},
		},
		"refuses a pseudonym of no key: an attribute": {
			"case": world.given("rows", [
				world.put("/guideline/allow_list/care/a.person/columns/level", {"form": "pseudonym"}),
			]),
			"refusals": {"identifier-pseudonymised": {"s5.level"}},
		},
		"refuses a key of no kind: null": {
			"case": {
				"of": "rows",
				"request": [
					world.put("/query/scans/4/columns/-", {"column": "extra", "usages": ["output"]}),
				],
				"data": [
					world.put("/guideline/allow_list/care/a.person/columns/extra", {"form": "pseudonym"}),
					world.put("/catalogue/datasets/a.person/columns/extra", {
						"type": "text",
						"key": null,
						"class": "key",
						"sensitivity": "normal",
						"origin": "own",
						"nulls": "never",
					}),
				],
			},
			"refusals": {"identifier-pseudonymised": {"s5.extra"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
