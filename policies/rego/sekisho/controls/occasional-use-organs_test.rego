package sekisho.controls_test

import data.sekisho.world_test as world

test_occasional_use_organs[note] if {
	some note, each in {
		"grants: a provision by another organ": {
			"case": world.plain("once"),
			"refusals": {},
		},
		"grants: a use within the organ": {
			"case": {"of": "once", "request": [world.put("/basis", "within"), world.put("/approval/basis", "within")], "data": [world.put("/catalogue/departments/c/organ", "inner")]},
			"refusals": {},
		},
		"grants: a kind that asks for no particular holder": {
			"case": world.asked("once", [world.put("/basis", "anyhow"), world.put("/approval/basis", "anyhow")]),
			"refusals": {},
		},
		"grants: within, on that kind, too": {
			"case": {"of": "once", "request": [world.put("/basis", "anyhow"), world.put("/approval/basis", "anyhow")], "data": [world.put("/catalogue/departments/c/organ", "inner")]},
			"refusals": {},
		},
		"grants: another basis asks for no organ": {
			"case": world.given("rows", [world.put("/guideline/recipients/desk/organ", "outer")]),
			"refusals": {},
		},
		"grants: a draft": {
			"case": world.asked("request", [world.put("/basis", "across"), world.put("/occasional", {
				"reason": 30,
				"harm": 20,
				"starts_on": "2023-10-01",
				"expires_at": "2023-12-29",
				"uses": [],
			})]),
			"refusals": {},
		},
		"refuses a use within: another organ holds some": {
			"case": world.asked("once", [world.put("/basis", "within"), world.put("/approval/basis", "within")]),
			"refusals": {"occasional-use-organs": {"basis"}},
		},
		"refuses a use within: for a draft": {
			"case": world.asked("request", [
				world.put("/basis", "across"), world.put("/occasional", {
					"reason": 30,
					"harm": 20,
					"starts_on": "2023-10-01",
					"expires_at": "2023-12-29",
					"uses": [],
				}),
				world.put("/basis", "within"),
			]),
			"refusals": {"occasional-use-organs": {"basis"}},
		},
		"refuses a provision: all are of the organ": {
			"case": world.given("once", [world.put("/catalogue/departments/c/organ", "inner")]),
			"refusals": {"occasional-use-organs": {"basis"}},
		},
		"refuses who is of another organ than the answer": {
			"case": world.asked("once", [world.put("/principal/organ", "outer")]),
			"refusals": {"occasional-use-organs": {"basis"}},
		},
		"refuses who is of another organ than the answer: on any kind": {
			"case": world.asked("once", [world.put("/basis", "anyhow"), world.put("/approval/basis", "anyhow"), world.put("/principal/organ", "outer")]),
			"refusals": {"occasional-use-organs": {"basis"}},
		},
		"refuses a recipient of no organ: inside": {
			"case": world.given("once", [world.drop("/guideline/recipients/desk/organ")]),
			"refusals": {"occasional-use-organs": {"basis"}},
		},
		"refuses a recipient of no organ: none is stated": {
			"case": world.asked("once", [world.put("/recipient", null)]),
			"refusals": {"occasional-use-organs": {"basis"}, "recipient-in-contract": {"recipient"}, "contract-clauses-complete": {"recipient"}, "contractor-inspected": {"recipient"}, "contractor-staff-named": {"recipient"}, "provision-packaged": {"recipient"}, "pseudonym-domain-declared": {"recipient"}},
		},
		"refuses holders of no organ: within": {
			"case": {"of": "once", "request": [world.put("/basis", "within"), world.put("/approval/basis", "within")], "data": [world.put("/catalogue/departments/c/organ", "")]},
			"refusals": {"occasional-use-organs": {"basis"}},
		},
		"refuses holders of no organ: a provision": {
			"case": world.given("once", [world.put("/catalogue/departments/a/organ", null)]),
			"refusals": {"occasional-use-organs": {"basis"}},
		},
		"refuses holders of no organ: any": {
			"case": {"of": "once", "request": [world.put("/basis", "anyhow"), world.put("/approval/basis", "anyhow")], "data": [world.drop("/catalogue/departments/c/organ")]},
			"refusals": {"occasional-use-organs": {"basis"}},
		},
		"refuses a kind that says no holders: nothing": {
			"case": world.given("once", [world.put("/guideline/parameters/legal_bases/across/occasional", {})]),
			"refusals": {"occasional-use-organs": {"basis"}},
		},
		"refuses a kind that says no holders: another word": {
			"case": world.given("once", [world.put("/guideline/parameters/legal_bases/across/occasional/holders", "all")]),
			"refusals": {"occasional-use-organs": {"basis"}},
		},
		"refuses a kind that says no holders: null": {
			"case": world.given("once", [world.put("/guideline/parameters/legal_bases/across/occasional", null)]),
			"refusals": {"occasional-use-organs": {"basis"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
