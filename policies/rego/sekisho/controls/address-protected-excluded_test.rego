package sekisho.controls_test

import data.sekisho.world_test as world

test_address_protected_excluded[note] if {
	some note, each in {
		"grants: left out": {"case": world.plain("rows"), "refusals": {}},
		"grants: cleared": {
			"case": world.asked("rows", [world.put("/principal/dv_cleared", true)]),
			"refusals": {},
		},
		"grants: cleared, at another holder": {
			"case": {
				"of": "rows",
				"request": [world.put("/principal/dv_cleared", true)],
				"data": [world.put("/guideline/named_sets/address-protected/departments", ["c"])],
			},
			"refusals": {},
		},
		"refuses a cohort of another holder: of another department": {
			"case": world.given("rows", [world.put("/guideline/named_sets/address-protected/departments", ["b"])]),
			"refusals": {"address-protected-excluded": {"s5"}},
		},
		"refuses no set: none": {
			"case": world.given("rows", [world.put("/guideline/named_sets", {})]),
			"refusals": {"address-protected-excluded": {""}, "suspended-excluded": {""}},
		},
		"refuses a set without roles: absent": {
			"case": world.given("rows", [world.drop("/guideline/named_sets/address-protected/roles")]),
			"refusals": {"address-protected-excluded": {"s1", "s2", "s3", "s4", "s5"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_address_protected_excluded_names_the_sets_to_leave_out[note] if {
	some note, case in {
		"not cleared": {"of": world.plain("rows"), "exclude": ["address-protected", "suspended"]},
		"cleared": {"of": world.asked("rows", [world.put("/principal/dv_cleared", true)]), "exclude": ["suspended"]},
		"two sets": {
			"of": world.given("rows", [world.put("/guideline/named_sets/another", {
				"control": "address-protected-excluded",
				"roles": ["cohort", "attribute"],
				"departments": ["a", "c"],
			})]),
			"exclude": ["address-protected", "another", "suspended"],
		},
	}
	world.answer(case.of).obligations.scans.s5.exclude == case.exclude
}

test_address_protected_excluded_clears_nobody_for_outside if {
	outside := [
		world.put("/guideline/recipients/desk", data.world.documents.guideline.recipients.firm),
		world.put("/guideline/named_sets/address-protected/departments", ["b"]),
	]
	cleared := [world.put("/principal/dv_cleared", true), world.put("/provision", data.world.requests.pack.provision)]
	case := {"of": "rows", "request": cleared, "data": outside}
	world.refusals(case) == {"address-protected-excluded": {"s5"}}
}
