package sekisho.controls_test

import data.sekisho.world_test as world

test_proposal_checked[note] if {
	some note, each in {
		"grants: nothing was found": {
			"case": world.plain("weigh"),
			"refusals": {},
		},
		"grants: nothing was found until the approval": {
			"case": world.plain("adopt"),
			"refusals": {},
		},
		"refuses what was found: at the review": {
			"case": world.asked("weigh", [world.put("/proposal/findings", 1)]),
			"refusals": {"proposal-checked": {"proposal.findings"}},
		},
		"refuses what was found: at the approval": {
			"case": world.asked("adopt", [world.put("/proposal/findings", 2)]),
			"refusals": {"proposal-checked": {"proposal.findings"}},
		},
		"refuses what nobody tested: none": {
			"case": world.asked("adopt", [world.put("/proposal/findings", null)]),
			"refusals": {"proposal-checked": {"proposal.findings"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
