package sekisho.controls_test

import data.sekisho.world_test as world

test_absence_recorded_grants[note] if {
	some note, each in {
		"grants: a role that the routes name": {
			"case": world.plain("away"),
			"refusals": {},
		},
		"grants: the person": {
			"case": world.asked("away", [
				world.put("/principal/id", "boss"),
				world.put("/principal/roles", ["chief"]),
				world.put("/principal/hats", ["chief"]),
			]),
			"refusals": {},
		},
		"grants: for one day": {
			"case": world.asked("away", [world.put("/absence/last", "2023-10-01")]),
			"refusals": {},
		},
		"grants: from a later day on": {
			"case": world.asked("away", [world.put("/absence/first", "2023-10-20")]),
			"refusals": {},
		},
		"grants: the person ends it": {
			"case": world.plain("back"),
			"refusals": {},
		},
		"grants: a role that the routes name ends it": {
			"case": world.asked("back", [
				world.put("/principal/id", "rin"),
				world.put("/principal/roles", ["checker"]),
				world.put("/principal/hats", ["checker"]),
			]),
			"refusals": {},
		},
		"grants: an end after a long absence": {
			"case": world.asked("back", [world.put("/absence/first", "2023-01-01")]),
			"refusals": {},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_absence_recorded_refuses[note] if {
	some note, each in {
		"refuses another person: of the same role": {
			"case": world.asked("away", [
				world.put("/principal/id", "boss2"),
				world.put("/principal/roles", ["chief"]),
				world.put("/principal/hats", ["chief"]),
			]),
			"refusals": {"absence-recorded": {"principal.id"}},
		},
		"refuses another person: ends it": {
			"case": world.asked("back", [
				world.put("/principal/id", "boss2"),
				world.put("/principal/roles", ["chief"]),
				world.put("/principal/hats", ["chief"]),
			]),
			"refusals": {"absence-recorded": {"principal.id"}},
		},
		"refuses another person: the deputy": {
			"case": {
				"of": "away",
				"request": [
					world.put("/principal/id", "sub"),
					world.put("/principal/roles", ["stand_in"]),
					world.put("/principal/hats", ["stand_in"]),
				],
				"data": [
					world.put("/guideline/action_matrix/stand_in/absence.record", "allow"),
				],
			},
			"refusals": {"absence-recorded": {"principal.id"}},
		},
		"refuses where no role may record it": {
			"case": world.given("away", [world.drop("/guideline/routes/template/absence")]),
			"refusals": {"absence-recorded": {"principal.id"}},
		},
		"refuses whom nobody stands in for: decides on another route": {
			"case": world.asked("away", [world.put("/absence/roles", ["head"])]),
			"refusals": {"absence-recorded": {"absence.roles"}},
		},
		"refuses whom nobody stands in for: decides on nothing": {
			"case": world.asked("away", [world.put("/absence/roles", ["runner", "checker"])]),
			"refusals": {"absence-recorded": {"absence.roles"}},
		},
		"refuses whom nobody stands in for: no deputies": {
			"case": world.given("away", [
				world.drop("/guideline/routes/template/decide/sensitive/deputies"),
			]),
			"refusals": {"absence-recorded": {"absence.roles"}},
		},
		"refuses other days: from yesterday on": {
			"case": world.asked("away", [world.put("/absence/first", "2023-09-30")]),
			"refusals": {"absence-recorded": {"absence.last"}},
		},
		"refuses other days: one too many": {
			"case": world.asked("away", [world.put("/absence/last", "2023-11-01")]),
			"refusals": {"absence-recorded": {"absence.last"}},
		},
		"refuses other days: no longest absence": {
			"case": world.given("away", [world.drop("/guideline/parameters/deputy")]),
			"refusals": {"absence-recorded": {"absence.last"}},
		},
		"refuses what is no absence: the wrong way round": {
			"case": world.asked("away", [
				world.put("/absence/first", "2023-10-02"),
				world.put("/absence/last", "2023-10-01"),
			]),
			"refusals": {"request-well-formed": {"absence"}},
		},
		"refuses what is no absence: recorded before": {
			"case": world.asked("away", [world.put("/absence/recorded_by", "rin")]),
			"refusals": {"request-well-formed": {"absence"}},
		},
		"refuses what is no absence: ended before it was recorded": {
			"case": world.asked("back", [world.put("/absence/recorded_by", null)]),
			"refusals": {"request-well-formed": {"absence"}},
		},
		"refuses what is no absence: none": {
			"case": world.asked("away", [world.put("/absence", null)]),
			"refusals": {"absence-recorded": {"absence.last", "absence.roles", "principal.id"}, "request-well-formed": {"absence"}},
		},
		"refuses what is no absence: with another action": {
			"case": world.asked("read", [
				world.put("/absence", {
					"id": "boss",
					"roles": ["chief"],
					"first": "2023-10-01",
					"last": "2023-10-31",
					"recorded_by": null,
				}),
			]),
			"refusals": {"request-well-formed": {"absence"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
