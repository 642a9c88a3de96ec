package sekisho.controls_test

import data.sekisho.world_test as world

test_legal_basis[note] if {
	some note, each in {
		"grants: within the purpose": {
			"case": world.plain("rows"),
			"refusals": {},
		},
		"grants: groups": {
			"case": world.plain("groups"),
			"refusals": {},
		},
		"grants: another basis that the purpose admits": {
			"case": {"of": "rows", "request": [world.put("/basis", "consent"), world.put("/approval/basis", "consent")], "data": [world.put("/guideline/purposes/care/bases", ["in_purpose", "consent"])]},
			"refusals": {},
		},
		"refuses another basis: consent": {
			"case": world.asked("rows", [world.put("/basis", "consent")]),
			"refusals": {"legal-basis": {"basis"}, "approval-unchanged": {"basis"}},
		},
		"refuses another basis: an unknown word": {
			"case": world.asked("rows", [world.put("/basis", "because")]),
			"refusals": {"legal-basis": {"basis"}, "approval-unchanged": {"basis"}},
		},
		"refuses no basis: null": {
			"case": world.asked("rows", [world.put("/basis", null)]),
			"refusals": {"legal-basis": {"basis"}, "approval-unchanged": {"basis"}},
		},
		"refuses no basis: for a draft": {
			"case": world.asked("request", [world.put("/basis", null)]),
			"refusals": {"legal-basis": {"basis"}},
		},
		"refuses no basis: absent": {
			"case": world.asked("rows", [world.drop("/basis")]),
			"refusals": {"request-well-formed": {"basis"}, "legal-basis": {"basis"}, "approval-unchanged": {"basis"}},
		},
		"refuses no basis: a list": {
			"case": world.asked("rows", [world.put("/basis", ["in_purpose"])]),
			"refusals": {"request-well-formed": {"basis"}, "legal-basis": {"basis"}, "approval-unchanged": {"basis"}},
		},
		"refuses a purpose without bases: absent": {
			"case": world.given("rows", [world.drop("/guideline/purposes/care/bases")]),
			"refusals": {"legal-basis": {"basis"}},
		},
		"refuses a purpose without bases: empty": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/bases", [])]),
			"refusals": {"legal-basis": {"basis"}},
		},
		"refuses a purpose without bases: a word": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/bases", "in_purpose")]),
			"refusals": {"legal-basis": {"basis"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_legal_basis_with_a_basis[note] if {
	some note, each in {
		"refuses a basis that the guideline does not know": {
			"case": {"of": "rows", "request": [world.put("/basis", "because"), world.put("/approval/basis", "because")], "data": [world.put("/guideline/purposes/care/bases", ["because"])]},
			"refusals": {"legal-basis": {"basis"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
