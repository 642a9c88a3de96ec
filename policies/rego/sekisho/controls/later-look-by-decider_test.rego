package sekisho.controls_test

import data.sekisho.world_test as world

test_later_look_by_decider_grants[note] if {
	some note, each in {
		"grants: who decides on the route": {
			"case": world.plain("look"),
			"refusals": {},
		},
		"grants: another of the same role": {
			"case": world.asked("look", [
				world.put("/principal/id", "boss2"),
				world.put("/principal/roles", ["chief"]),
				world.put("/principal/hats", ["chief"]),
			]),
			"refusals": {},
		},
		"grants: what has run out or was made for an earlier guideline": {
			"case": world.asked("look", [
				world.put("/approval/expires_at", "2023-09-30"),
				world.put("/approval/guideline_version", "0"),
			]),
			"refusals": {},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_later_look_by_decider_refuses[note] if {
	some note, each in {
		"refuses a second look": {
			"case": world.asked("look", [
				world.put("/approval/acknowledged", {
					"step": "acknowledge",
					"id": "boss",
					"role": "chief",
					"post": "officer",
					"department": null,
				}),
			]),
			"refusals": {"later-look-by-decider": {"approval.acknowledged"}},
		},
		"refuses what no deputy decided": {
			"case": world.asked("look", [world.put("/approval/approver/step", "decide")]),
			"refusals": {"later-look-by-decider": {"approval.acknowledged", "principal.hats"}},
		},
		"refuses another hat: decides on other routes": {
			"case": {
				"of": "look",
				"request": [
					world.put("/principal/id", "kei"),
					world.put("/principal/roles", ["head"]),
					world.put("/principal/hats", ["head"]),
				],
				"data": [
					world.put("/guideline/action_matrix/head/approval.acknowledge", "allow"),
				],
			},
			"refusals": {"later-look-by-decider": {"principal.hats"}},
		},
		"refuses another hat: the deputy": {
			"case": {
				"of": "look",
				"request": [
					world.put("/principal/id", "sub"),
					world.put("/principal/roles", ["stand_in"]),
					world.put("/principal/hats", ["stand_in"]),
				],
				"data": [
					world.put("/guideline/action_matrix/stand_in/approval.acknowledge", "allow"),
				],
			},
			"refusals": {"later-look-by-decider": {"principal.hats", "principal.id"}},
		},
		"refuses who had a part in it: decided as the deputy": {
			"case": world.asked("look", [world.put("/principal/id", "sub")]),
			"refusals": {"later-look-by-decider": {"principal.id"}},
		},
		"refuses who had a part in it: reviewed": {
			"case": world.asked("look", [world.put("/principal/id", "rin")]),
			"refusals": {"later-look-by-decider": {"principal.id"}},
		},
		"refuses who had a part in it: drafted": {
			"case": world.asked("look", [world.put("/principal/id", "ume")]),
			"refusals": {"later-look-by-decider": {"principal.id"}},
		},
		"refuses who is not known: no requester": {
			"case": world.asked("look", [world.drop("/approval/requester")]),
			"refusals": {"later-look-by-decider": {"principal.id"}, "request-well-formed": {"approval"}},
		},
		"refuses who is not known: a mark that is none": {
			"case": world.asked("look", [world.put("/approval/acknowledged", {})]),
			"refusals": {"later-look-by-decider": {"approval.acknowledged"}, "request-well-formed": {"approval"}},
		},
		"refuses where the deputies are no longer named": {
			"case": world.given("look", [
				world.drop("/guideline/routes/template/decide/sensitive/deputies"),
			]),
			"refusals": {"later-look-by-decider": {"principal.hats"}},
		},
		"refuses what does not count: revoked": {
			"case": world.asked("look", [world.put("/approval/state", "revoked")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses what does not count: not decided": {
			"case": world.asked("look", [
				world.put("/approval/state", "requested"),
				world.put("/approval/approver", null),
			]),
			"refusals": {"approval-current": {"approval"}, "later-look-by-decider": {"approval.acknowledged", "principal.hats"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
