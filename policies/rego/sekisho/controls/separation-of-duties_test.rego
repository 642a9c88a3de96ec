package sekisho.controls_test

import data.sekisho.world_test as world

test_separation_of_duties[note] if {
	some note, each in {
		"grants: a steward of two departments": {
			"case": {
				"of": "rows",
				"request": [world.swap("/approval/reviewers/2/id", "steward-a")],
				"data": [world.put("/catalogue/departments/b/steward", "steward-a")],
			},
			"refusals": {},
		},
		"grants: the requester runs the query": {
			"case": world.asked("rows", [world.put("/principal/id", "ume")]),
			"refusals": {},
		},
		"refuses a requester who signed: the review": {
			"case": world.asked("rows", [world.put("/approval/reviewers/0/id", "ume")]),
			"refusals": {"separation-of-duties": {"approval.reviewers"}, "approval-route": {"approval"}},
		},
		"refuses a requester who decided: the decision": {
			"case": world.asked("rows", [world.put("/approval/approver/id", "ume")]),
			"refusals": {
				"separation-of-duties": {"approval.reviewers"},
				"approval-route": {"approval"},
				"sensitive-items-approved": {"s1.stage", "s1.helped"},
			},
		},
		"refuses two steps by one person: review and decision": {
			"case": world.asked("rows", [world.put("/approval/approver/id", "rin")]),
			"refusals": {"separation-of-duties": {"approval.reviewers"}},
		},
		"refuses a signature that is none: text": {
			"case": world.asked("rows", [world.put("/approval/reviewers/-", "rin")]),
			"refusals": {"separation-of-duties": {"approval.reviewers"}, "request-well-formed": {"approval"}},
		},
		"refuses a signer who requested: review": {
			"case": world.asked("review", [world.put("/approval/requester", "rin")]),
			"refusals": {"separation-of-duties": {"principal.id"}},
		},
		"refuses a signer of another step: reviewed before": {
			"case": world.asked("decide", [world.put("/principal/id", "rin")]),
			"refusals": {"separation-of-duties": {"step"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
