package sekisho.controls_test

import data.sekisho.world_test as world

test_guideline_approved[note] if {
	some note, each in {
		"grants: this guideline, by a role that may": {"case": world.plain("register"), "refusals": {}},
		"refuses a draft": {
			"case": world.asked("register", [world.put("/guideline_approval", null)]),
			"refusals": {"guideline-approved": {"guideline_approval"}},
		},
		"refuses the approval of another guideline": {
			"case": world.asked("register", [world.put("/guideline_approval/version", "1.0-ba9876543210")]),
			"refusals": {"guideline-approved": {"guideline_approval"}},
		},
		"refuses the approval of a role that may not": {
			"case": world.asked("register", [world.put("/guideline_approval/role", "head")]),
			"refusals": {"guideline-approved": {"guideline_approval"}},
		},
		"refuses an approval by nobody": {
			"case": world.asked("register", [world.put("/guideline_approval/id", "")]),
			"refusals": {
				"guideline-approved": {"guideline_approval"},
				"request-well-formed": {"guideline_approval"},
			},
		},
		"refuses a matrix that no longer lets the role": {
			"case": world.given("register", [world.drop("/guideline/action_matrix/chief/guideline.approve")]),
			"refusals": {"guideline-approved": {"guideline_approval"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
