package sekisho.controls_test

import data.sekisho.world_test as world

test_decider_absent_grants[note] if {
	some note, each in {
		"grants: who decides is away": {
			"case": world.plain("deputise"),
			"refusals": {},
		},
		"grants: on the first day": {
			"case": world.asked("deputise", [
				world.put("/deputy/deciders/0/absence/first", "2023-10-01"),
			]),
			"refusals": {},
		},
		"grants: on the last day": {
			"case": world.asked("deputise", [
				world.put("/deputy/deciders/0/absence/last", "2023-10-01"),
			]),
			"refusals": {},
		},
		"grants: whoever signs another step": {
			"case": world.plain("decide"),
			"refusals": {},
		},
		"grants: a second decider is away, too": {
			"case": world.asked("deputise", [
				world.put("/deputy/deciders/-", {
					"id": "boss2",
					"roles": ["user", "chief"],
					"valid_until": "2023-10-01",
					"absence": {"first": "2023-10-01", "last": "2023-10-01", "recorded_by": "boss2"},
				}),
			]),
			"refusals": {},
		},
		"grants a query that a deputy decided": {
			"case": world.asked("rows", [
				world.put("/approval/approver", {
					"step": "deputise",
					"id": "sub",
					"role": "stand_in",
					"post": "officer",
					"department": null,
				}),
			]),
			"refusals": {},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_decider_absent_refuses[note] if {
	some note, each in {
		"refuses while who decides is there": {
			"case": world.asked("deputise", [world.put("/deputy/deciders/0/absence", null)]),
			"refusals": {"decider-absent": {"deputy.deciders"}},
		},
		"refuses while a second decider is there": {
			"case": world.asked("deputise", [
				world.put("/deputy/deciders/-", {
					"id": "boss2",
					"roles": ["user", "chief"],
					"valid_until": null,
					"absence": null,
				}),
			]),
			"refusals": {"decider-absent": {"deputy.deciders"}},
		},
		"refuses while a second decider is there: on the last day of the account": {
			"case": world.asked("deputise", [
				world.put("/deputy/deciders/-", {
					"id": "boss2",
					"roles": ["chief"],
					"valid_until": "2023-10-01",
					"absence": null,
				}),
			]),
			"refusals": {"decider-absent": {"deputy.deciders"}},
		},
		"refuses before the absence": {
			"case": world.asked("deputise", [
				world.put("/deputy/deciders/0/absence/first", "2023-10-02"),
			]),
			"refusals": {"decider-absent": {"deputy.deciders"}},
		},
		"refuses after the absence": {
			"case": world.asked("deputise", [
				world.put("/deputy/deciders/0/absence/last", "2023-09-30"),
			]),
			"refusals": {"decider-absent": {"deputy.deciders"}},
		},
		"refuses an absence that the deputy recorded": {
			"case": world.asked("deputise", [
				world.put("/deputy/deciders/0/absence/recorded_by", "sub"),
			]),
			"refusals": {"decider-absent": {"deputy.deciders"}},
		},
		"refuses an absence that the drafter recorded": {
			"case": world.asked("deputise", [
				world.put("/deputy/deciders/0/absence/recorded_by", "ume"),
			]),
			"refusals": {"decider-absent": {"deputy.deciders"}},
		},
		"refuses where nobody decides": {
			"case": world.asked("deputise", [
				world.swap("/deputy/deciders", [{
					"id": "kei",
					"roles": ["head"],
					"valid_until": null,
					"absence": {"first": "2023-09-25", "last": "2023-10-06", "recorded_by": "rin"},
				}]),
			]),
			"refusals": {"decider-absent": {"deputy.deciders"}},
		},
		"refuses what is not well-formed: named twice": {
			"case": world.asked("deputise", [
				world.put("/deputy/deciders/-", {
					"id": "boss",
					"roles": ["chief"],
					"valid_until": null,
					"absence": null,
				}),
			]),
			"refusals": {"decider-absent": {"deputy.deciders"}, "later-look-in-time": {"deputy.due"}, "request-well-formed": {"deputy"}},
		},
		"refuses what is not well-formed: a day that is none": {
			"case": world.asked("deputise", [
				world.put("/deputy/deciders/0/absence/last", "2023-13-01"),
			]),
			"refusals": {"decider-absent": {"deputy.deciders"}, "later-look-in-time": {"deputy.due"}, "request-well-formed": {"deputy"}},
		},
		"refuses what is not well-formed: nothing": {
			"case": world.asked("deputise", [world.put("/deputy", null)]),
			"refusals": {"decider-absent": {"deputy.deciders"}, "later-look-in-time": {"deputy.due"}, "request-well-formed": {"deputy"}},
		},
		"refuses what is not well-formed: with another step": {
			"case": world.asked("decide", [world.put("/deputy", {"deciders": [], "due": []})]),
			"refusals": {"request-well-formed": {"deputy"}},
		},
		"refuses a deputy of another route": {
			"case": {
				"of": "deputise",
				"request": [
					world.put("/principal/id", "sub2"),
					world.put("/principal/roles", ["other"]),
					world.put("/principal/hats", ["other"]),
				],
				"data": [
					world.put("/guideline/action_matrix/other", {"approval.deputise": "allow"}),
					world.put("/guideline/routes/template/decide/normal/deputies", ["other"]),
				],
			},
			"refusals": {"approval-route": {"step"}},
		},
		"refuses a deputy where the guideline has none": {
			"case": world.given("deputise", [
				world.drop("/guideline/routes/template/decide/sensitive/deputies"),
			]),
			"refusals": {"approval-route": {"step"}},
		},
		"refuses a deputy before the holders have consented": {
			"case": world.asked("deputise", [world.drop("/approval/reviewers/2")]),
			"refusals": {"approval-route": {"approval"}},
		},
		"refuses a deputy who has signed another step": {
			"case": world.asked("deputise", [world.put("/approval/reviewers/0/id", "sub")]),
			"refusals": {"separation-of-duties": {"step"}},
		},
		"refuses a query that a deputy of none decided": {
			"case": world.asked("rows", [
				world.put("/approval/approver", {
					"step": "deputise",
					"id": "sub",
					"role": "head",
					"post": "officer",
					"department": null,
				}),
			]),
			"refusals": {"approval-route": {"approval"}, "sensitive-items-approved": {"s1.helped", "s1.stage"}},
		},
		"refuses a query that a deputy decided as a decider": {
			"case": world.asked("rows", [
				world.put("/approval/approver", {
					"step": "decide",
					"id": "sub",
					"role": "stand_in",
					"post": "officer",
					"department": null,
				}),
			]),
			"refusals": {"approval-route": {"approval"}, "sensitive-items-approved": {"s1.helped", "s1.stage"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
