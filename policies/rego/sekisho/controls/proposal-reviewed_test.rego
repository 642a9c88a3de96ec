package sekisho.controls_test

import data.sekisho.world_test as world

test_proposal_reviewed[note] if {
	some note, each in {
		"grants: another person": {
			"case": world.plain("weigh"),
			"refusals": {},
		},
		"grants: the first of them": {
			"case": world.asked("weigh", [world.put("/proposal/reviewers", [])]),
			"refusals": {},
		},
		"grants: approved by a third": {
			"case": world.plain("adopt"),
			"refusals": {},
		},
		"refuses whoever took it in: the review": {
			"case": world.asked("weigh", [world.put("/principal/id", "aki")]),
			"refusals": {"proposal-reviewed": {"proposal.reviewers"}},
		},
		"refuses whoever took it in: the approval": {
			"case": world.asked("adopt", [world.put("/principal/id", "aki")]),
			"refusals": {"proposal-reviewed": {"proposal.reviewers"}},
		},
		"refuses who has reviewed it: again": {
			"case": world.asked("weigh", [world.put("/principal/id", "rin")]),
			"refusals": {"proposal-reviewed": {"proposal.reviewers"}},
		},
		"refuses who has reviewed it: the approval": {
			"case": world.asked("adopt", [world.put("/principal/id", "rin")]),
			"refusals": {"proposal-reviewed": {"proposal.reviewers"}},
		},
		"refuses a proposal of nobody": {
			"case": world.asked("adopt", [world.put("/proposal/drafted_by", null)]),
			"refusals": {"proposal-reviewed": {"proposal.reviewers"}},
		},
		"refuses one that nobody else has reviewed: none": {
			"case": world.asked("adopt", [world.put("/proposal/reviewers", [])]),
			"refusals": {"proposal-reviewed": {"proposal.reviewers"}},
		},
		"refuses one that nobody else has reviewed: whoever took it in": {
			"case": world.asked("adopt", [world.put("/proposal/reviewers", ["aki"])]),
			"refusals": {"proposal-reviewed": {"proposal.reviewers"}},
		},
		"refuses another content: at the review": {
			"case": world.asked("weigh", [world.put("/proposal/digest", "c2")]),
			"refusals": {"proposal-reviewed": {"proposal.reviewers"}},
		},
		"refuses another content: at the approval": {
			"case": world.asked("adopt", [world.put("/proposal/digest", "c2")]),
			"refusals": {"proposal-reviewed": {"proposal.reviewers"}},
		},
		"refuses another content: none": {
			"case": world.asked("adopt", [world.put("/proposal/digest", null), world.put("/proposal/drafted_digest", null)]),
			"refusals": {"proposal-reviewed": {"proposal.reviewers"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
