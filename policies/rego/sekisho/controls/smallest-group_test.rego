package sekisho.controls_test

import data.sekisho.world_test as world

test_smallest_group[note] if {
	some note, each in {
		"grants: rows": {"case": world.plain("rows"), "refusals": {}},
		"grants: groups": {"case": world.plain("groups"), "refusals": {}},
		"grants: groups of two": {
			"case": world.given("groups", [world.put("/guideline/parameters/k_internal", 2)]),
			"refusals": {},
		},
		"refuses groups below the outermost scope: rows": {
			"case": world.asked("rows", [world.put("/query/scopes/1/grain", "group")]),
			"refusals": {"smallest-group": {"query.output"}},
		},
		"refuses persons that cannot be counted: the key is not listed": {
			"case": {
				"of": "groups",
				"request": [world.drop("/query/scans/0/columns/1")],
				"data": [world.drop("/guideline/allow_list/tally/a.person/columns/person_id")],
			},
			"refusals": {"smallest-group": {"query.output"}},
		},
		"refuses a number that is none: absent": {
			"case": world.given("groups", [world.drop("/guideline/parameters/k_internal")]),
			"refusals": {"smallest-group": {""}, "sensitive-items-approved": {"s2.stage"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_smallest_group_depends_on_the_recipient[note] if {
	some note, case in {
		"internal": {"kind": "internal", "size": 5},
		"vendor": {"kind": "vendor", "size": 10},
		"public": {"kind": "public", "size": 10},
	}
	contract := data.world.documents.guideline.recipients.firm.contract
	answer := world.answer(world.given("groups", [
		world.put("/guideline/recipients/desk/kind", case.kind),
		world.put("/guideline/recipients/desk/contract", contract),
	]))
	answer.obligations.output.min_group_size == case.size
}

test_smallest_group_names_the_number if {
	case := world.asked("groups", [world.put("/query/scopes/0/grain", "subject")])
	world.answer(case).deny == [{"control": "smallest-group", "on": "query.output", "params": {"k": 5}}]
}
