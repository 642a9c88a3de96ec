package sekisho.controls_test

import data.sekisho.world_test as world

test_approval_unchanged[note] if {
	some note, each in {
		"grants: the approved text": {"case": world.plain("rows"), "refusals": {}},
		"grants: the text that is signed": {"case": world.plain("review"), "refusals": {}},
		"refuses another text: of the query": {
			"case": world.asked("rows", [world.put("/query/sql_digest", "d9")]),
			"refusals": {"approval-unchanged": {"query.sql_digest"}},
		},
		"refuses an approval without text: absent": {
			"case": world.asked("rows", [world.drop("/approval/sql_digest")]),
			"refusals": {"approval-unchanged": {"query.sql_digest"}, "request-well-formed": {"approval"}},
		},
		"refuses no text: both empty": {
			"case": world.asked("rows", [world.put("/approval/sql_digest", ""), world.put("/query/sql_digest", "")]),
			"refusals": {
				"approval-unchanged": {"query.sql_digest"},
				"request-well-formed": {"approval", "query.sql_digest"},
			},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_approval_unchanged_with_a_basis[note] if {
	some note, each in {
		"refuses another basis than the approved one: of a query": {
			"case": {"of": "rows", "request": [world.put("/basis", "consent")], "data": [world.put("/guideline/purposes/care/bases", ["in_purpose", "alarm", "consent"])]},
			"refusals": {"approval-unchanged": {"basis"}},
		},
		"refuses another basis than the approved one: of a signature": {
			"case": {"of": "review", "request": [world.put("/basis", "consent")]},
			"refusals": {"approval-unchanged": {"basis"}},
		},
		"refuses another basis than the approved one: none was approved": {
			"case": {"of": "rows", "request": [world.put("/approval/basis", null)]},
			"refusals": {"approval-unchanged": {"basis"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
