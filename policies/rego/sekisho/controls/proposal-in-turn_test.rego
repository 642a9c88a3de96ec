package sekisho.controls_test

import data.sekisho.world_test as world

test_proposal_in_turn[note] if {
	some note, each in {
		"grants: of a package that was received": {
			"case": world.plain("take_in"),
			"refusals": {},
		},
		"grants: of one that was handed over": {
			"case": world.asked("take_in", [world.put("/proposal/package_state", "handed_over")]),
			"refusals": {},
		},
		"grants: of one that was deleted": {
			"case": world.asked("take_in", [world.put("/proposal/package_state", "deleted")]),
			"refusals": {},
		},
		"grants: a drafted one is reviewed": {
			"case": world.plain("weigh"),
			"refusals": {},
		},
		"grants: a drafted one is approved": {
			"case": world.plain("adopt"),
			"refusals": {},
		},
		"grants: a drafted one is rejected": {
			"case": world.plain("decline"),
			"refusals": {},
		},
		"grants: whoever took it in withdraws it": {
			"case": world.plain("take_back"),
			"refusals": {},
		},
		"refuses a package that nobody was handed: made": {
			"case": world.asked("take_in", [world.put("/proposal/package_state", "created")]),
			"refusals": {"proposal-in-turn": {"proposal.state"}},
		},
		"refuses a package that nobody was handed: drafted": {
			"case": world.asked("take_in", [world.put("/proposal/package_state", "drafted")]),
			"refusals": {"proposal-in-turn": {"proposal.state"}},
		},
		"refuses a package that nobody was handed: new": {
			"case": world.asked("take_in", [world.put("/proposal/package_state", "new")]),
			"refusals": {"proposal-in-turn": {"proposal.state"}},
		},
		"refuses another turn: taken in twice": {
			"case": world.asked("take_in", [world.put("/proposal/state", "drafted")]),
			"refusals": {"proposal-in-turn": {"proposal.state"}},
		},
		"refuses another turn: reviewed after its approval": {
			"case": world.asked("weigh", [world.put("/proposal/state", "approved")]),
			"refusals": {"proposal-in-turn": {"proposal.state"}},
		},
		"refuses another turn: approved twice": {
			"case": world.asked("adopt", [world.put("/proposal/state", "approved")]),
			"refusals": {"proposal-in-turn": {"proposal.state"}},
		},
		"refuses another turn: approved after it was rejected": {
			"case": world.asked("adopt", [world.put("/proposal/state", "rejected")]),
			"refusals": {"proposal-in-turn": {"proposal.state"}},
		},
		"refuses another turn: rejected after it was withdrawn": {
			"case": world.asked("decline", [world.put("/proposal/state", "withdrawn")]),
			"refusals": {"proposal-in-turn": {"proposal.state"}},
		},
		"refuses another turn: withdrawn after its approval": {
			"case": world.asked("take_back", [world.put("/proposal/state", "approved")]),
			"refusals": {"proposal-in-turn": {"proposal.state"}},
		},
		"refuses a withdrawal by somebody else: another": {
			"case": world.asked("take_back", [world.put("/proposal/drafted_by", "ume")]),
			"refusals": {"proposal-in-turn": {"proposal.state"}},
		},
		"refuses a withdrawal by somebody else: of nobody's": {
			"case": world.asked("take_back", [world.put("/proposal/drafted_by", null)]),
			"refusals": {"proposal-in-turn": {"proposal.state"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
