package sekisho.controls_test

import data.sekisho.world_test as world

test_minimal_form[note] if {
	some note, each in {
		"grants: a year and month": {
			"case": world.asked("rows", [
				world.put("/query/scans/4/columns/-", {"column": "born", "usages": ["output"]}),
			]),
			"refusals": {},
		},
		"grants: a grade": {
			"case": {
				"of": "rows",
				"request": [world.put("/query/scans/4/columns/-", {"column": "born", "usages": ["output"]})],
				"data": [world.put("/guideline/allow_list/care/a.person/columns/born", {"form": "grade"})],
			},
			"refusals": {},
		},
		"grants: a filter at the source": {
			"case": world.asked("rows", [world.put("/query/scans/4/columns/3/usages", ["predicate", "null_check"])]),
			"refusals": {},
		},
		"grants: a look-up": {
			"case": {
				"of": "rows",
				"request": [
					world.put("/query/scans/4/columns/-", {"column": "zone", "usages": ["predicate"]}),
				],
				"data": [
					world.put("/guideline/allow_list/care/a.person/columns/zone", {
						"form": "match",
						"leaves": false,
					}),
				],
			},
			"refusals": {},
		},
		"refuses a form that does not fit: a raw date": {
			"case": {
				"of": "rows",
				"request": [world.put("/query/scans/4/columns/-", {"column": "born", "usages": ["output"]})],
				"data": [world.put("/guideline/allow_list/care/a.person/columns/born", {"form": "raw"})],
			},
			"refusals": {"minimal-form": {"s5.born"}},
		},
		"refuses more than filtering: output": {
			"case": world.asked("rows", [world.put("/query/scans/4/columns/3/usages", ["predicate", "output"])]),
			"refusals": {"minimal-form": {"s5.state"}},
		},
		"refuses a look up that leaves: leaves": {
			"case": {
				"of": "rows",
				"request": [
					world.put("/query/scans/4/columns/-", {"column": "zone", "usages": ["predicate"]}),
				],
				"data": [
					world.put("/guideline/allow_list/care/a.person/columns/zone", {
						"form": "match",
						"leaves": true,
					}),
				],
			},
			"refusals": {"minimal-form": {"s5.zone"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
