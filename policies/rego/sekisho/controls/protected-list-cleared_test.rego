package sekisho.controls_test

import data.sekisho.world_test as world

test_protected_list_cleared[note] if {
	some note, each in {
		"grants: cleared": {"case": world.plain("candidates_protected"), "refusals": {}},
		"grants: the list without them, to who is not": {"case": world.plain("candidates"), "refusals": {}},
		"grants: cleared for every set": {
			"case": world.given("candidates_protected", [world.put("/guideline/named_sets/another", {
				"control": "address-protected-excluded",
				"roles": ["cohort"],
				"departments": ["a"],
				"unless": "dv_cleared",
			})]),
			"refusals": {},
		},
		"refuses who is not: not cleared": {
			"case": world.asked("candidates_protected", [world.put("/principal/dv_cleared", false)]),
			"refusals": {"protected-list-cleared": {"principal"}},
		},
		"refuses who is not: of no word": {
			"case": world.asked("candidates_protected", [world.drop("/principal/dv_cleared")]),
			"refusals": {
				"identity-verified": {"principal.dv_cleared"},
				"protected-list-cleared": {"principal"},
			},
		},
		"refuses who is not: for one of two sets": {
			"case": world.given("candidates_protected", [world.put("/guideline/named_sets/another", {
				"control": "address-protected-excluded",
				"roles": ["cohort"],
				"departments": ["a"],
			})]),
			"refusals": {"protected-list-cleared": {"principal"}},
		},
		"refuses where nobody keeps a set: none": {
			"case": world.given("candidates_protected", [world.put("/guideline/named_sets", {})]),
			"refusals": {"protected-list-cleared": {"principal"}},
		},
		"refuses where no mark lifts the set: no text": {
			"case": world.given("candidates_protected", [world.put("/guideline/named_sets/address-protected/unless", 7)]),
			"refusals": {"protected-list-cleared": {"principal"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
