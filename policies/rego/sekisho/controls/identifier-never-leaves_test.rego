package sekisho.controls_test

import data.sekisho.world_test as world

test_identifier_never_leaves[note] if {
	some note, each in {
		"grants: an ordinary column": {
			"case": world.asked("rows", [
				world.put("/query/scans/4/columns/-", {"column": "zone", "usages": ["output"]}),
			]),
			"refusals": {},
		},
		"refuses an identifier in any use: output": {
			"case": {
				"of": "rows",
				"request": [world.put("/query/scans/4/columns/-", {"column": "name", "usages": ["output"]})],
				"data": [world.put("/guideline/allow_list/care/a.person/columns/name", {"form": "raw"})],
			},
			"refusals": {"identifier-never-leaves": {"s5.name"}},
		},
		"refuses an identifier in any use: predicate": {
			"case": {
				"of": "rows",
				"request": [
					world.put("/query/scans/4/columns/-", {"column": "name", "usages": ["predicate"]}),
				],
				"data": [world.put("/guideline/allow_list/care/a.person/columns/name", {"form": "raw"})],
			},
			"refusals": {"identifier-never-leaves": {"s5.name"}},
		},
		"refuses an identifier in any use: join": {
			"case": {
				"of": "rows",
				"request": [world.put("/query/scans/4/columns/-", {"column": "name", "usages": ["join"]})],
				"data": [world.put("/guideline/allow_list/care/a.person/columns/name", {"form": "raw"})],
			},
			"refusals": {"identifier-never-leaves": {"s5.name"}},
		},
		"refuses a class that is not known: absent": {
			"case": {
				"of": "rows",
				"request": [world.put("/query/scans/4/columns/-", {"column": "zone", "usages": ["output"]})],
				"data": [world.drop("/catalogue/datasets/a.person/columns/zone/class")],
			},
			"refusals": {
				"identifier-never-leaves": {"s5.zone"},
				"no-free-text": {"s5.zone"},
				"identifier-pseudonymised": {"s5.zone"},
			},
		},
		"refuses a class that is not known: unknown": {
			"case": {
				"of": "rows",
				"request": [world.put("/query/scans/4/columns/-", {"column": "zone", "usages": ["output"]})],
				"data": [world.put("/catalogue/datasets/a.person/columns/zone/class", "zzz")],
			},
			"refusals": {
				"identifier-never-leaves": {"s5.zone"},
				"no-free-text": {"s5.zone"},
				"identifier-pseudonymised": {"s5.zone"},
			},
		},
	}
	world.refusals(each.case) == each.refusals
}
