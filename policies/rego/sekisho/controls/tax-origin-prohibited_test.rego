package sekisho.controls_test

import data.sekisho.world_test as world

test_tax_origin_prohibited[note] if {
	some note, each in {
		"grants: a category of a benefit": {
			"case": {
				"of": "rows",
				"request": [
					world.put("/query/scans/4/columns/-", {"column": "grant", "usages": ["output"]}),
				],
				"data": [world.put("/guideline/allow_list/care/a.person/columns/grant", {"form": "raw"})],
			},
			"refusals": {},
		},
		"refuses tax in any use: output": {
			"case": {
				"of": "rows",
				"request": [
					world.put("/query/scans/4/columns/-", {"column": "income", "usages": ["output"]}),
				],
				"data": [
					world.put("/guideline/allow_list/care/a.person/columns/income", {
						"form": "band",
						"edges": [1],
					}),
				],
			},
			"refusals": {"tax-origin-prohibited": {"s5.income"}},
		},
		"refuses tax in any use: predicate": {
			"case": {
				"of": "rows",
				"request": [
					world.put("/query/scans/4/columns/-", {"column": "income", "usages": ["predicate"]}),
				],
				"data": [
					world.put("/guideline/allow_list/care/a.person/columns/income", {
						"form": "band",
						"edges": [1],
					}),
				],
			},
			"refusals": {"tax-origin-prohibited": {"s5.income"}},
		},
		"refuses tax in any use: join": {
			"case": {
				"of": "rows",
				"request": [world.put("/query/scans/4/columns/-", {"column": "income", "usages": ["join"]})],
				"data": [
					world.put("/guideline/allow_list/care/a.person/columns/income", {
						"form": "band",
						"edges": [1],
					}),
				],
			},
			"refusals": {"tax-origin-prohibited": {"s5.income"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
