package sekisho.controls_test

import data.sekisho.world_test as world

test_no_free_text[note] if {
	some note, each in {
		"grants: an ordinary column": {
			"case": world.asked("rows", [
				world.put("/query/scans/4/columns/-", {"column": "zone", "usages": ["output"]}),
			]),
			"refusals": {},
		},
		"refuses free text in any use: output": {
			"case": {
				"of": "rows",
				"request": [world.put("/query/scans/4/columns/-", {"column": "note", "usages": ["output"]})],
				"data": [world.put("/guideline/allow_list/care/a.person/columns/note", {"form": "raw"})],
			},
			"refusals": {"no-free-text": {"s5.note"}},
		},
		"refuses free text in any use: predicate": {
			"case": {
				"of": "rows",
				"request": [
					world.put("/query/scans/4/columns/-", {"column": "note", "usages": ["predicate"]}),
				],
				"data": [world.put("/guideline/allow_list/care/a.person/columns/note", {"form": "raw"})],
			},
			"refusals": {"no-free-text": {"s5.note"}},
		},
		"refuses free text in any use: join": {
			"case": {
				"of": "rows",
				"request": [world.put("/query/scans/4/columns/-", {"column": "note", "usages": ["join"]})],
				"data": [world.put("/guideline/allow_list/care/a.person/columns/note", {"form": "raw"})],
			},
			"refusals": {"no-free-text": {"s5.note"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
