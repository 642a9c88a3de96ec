package sekisho.controls_test

import data.sekisho.world_test as world

test_my_number_prohibited[note] if {
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
		"refuses the number in any use: output": {
			"case": {
				"of": "rows",
				"request": [
					world.put("/query/scans/4/columns/-", {"column": "number", "usages": ["output"]}),
				],
				"data": [world.put("/guideline/allow_list/care/a.person/columns/number", {"form": "raw"})],
			},
			"refusals": {"my-number-prohibited": {"s5.number"}},
		},
		"refuses the resident code: listed by mistake": {
			"case": {
				"of": "rows",
				"request": [world.put("/query/scans/4/columns/-", {"column": "code", "usages": ["output"]})],
				"data": [world.put("/guideline/allow_list/care/a.person/columns/code", {"form": "raw"})],
			},
			"refusals": {"my-number-prohibited": {"s5.code"}},
		},
		"refuses an origin that is not known: absent": {
			"case": {
				"of": "rows",
				"request": [world.put("/query/scans/4/columns/-", {"column": "zone", "usages": ["output"]})],
				"data": [world.drop("/catalogue/datasets/a.person/columns/zone/origin")],
			},
			"refusals": {"my-number-prohibited": {"s5.zone"}, "tax-origin-prohibited": {"s5.zone"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
