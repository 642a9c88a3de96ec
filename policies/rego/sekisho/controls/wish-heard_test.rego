package sekisho.controls_test

import data.sekisho.world_test as world

test_wish_heard[note] if {
	some note, each in {
		"grants: what the person wants": {
			"case": world.plain("end"),
			"refusals": {},
		},
		"grants: why it was not asked": {
			"case": world.asked("end", [world.put("/ticket/wish", 0), world.put("/ticket/wish_missing", 9)]),
			"refusals": {},
		},
		"grants: a verdict that needs none": {
			"case": world.asked("end", [world.put("/ticket/verdict", "none"), world.put("/ticket/wish", 0)]),
			"refusals": {},
		},
		"grants: never carried out": {
			"case": world.asked("end", [world.put("/ticket/state", "requested"), world.put("/ticket/verdict", null), world.put("/ticket/wish", 0)]),
			"refusals": {},
		},
		"refuses support without either": {
			"case": world.asked("end", [world.put("/ticket/wish", 0)]),
			"refusals": {"wish-heard": {"ticket.wish"}},
		},
		"refuses what is not known": {
			"case": world.asked("end", [world.put("/ticket/wish", null)]),
			"refusals": {"request-well-formed": {"ticket"}, "wish-heard": {"ticket.wish"}},
		},
		"grants: a verdict on papers that needs none": {
			"case": world.plain("judge_papers"),
			"refusals": {},
		},
		"grants: of somebody drawn, why it was not asked": {
			"case": world.asked("judge_papers", [world.put("/assessment/verdict", "support"), world.put("/assessment/drawn", true), world.put("/assessment/wish_missing", 4)]),
			"refusals": {},
		},
		"grants: of somebody drawn, what was known of it": {
			"case": world.asked("judge_papers", [world.put("/assessment/verdict", "support"), world.put("/assessment/drawn", true), world.put("/assessment/wish", 4)]),
			"refusals": {},
		},
		"refuses support on papers without either": {
			"case": world.asked("judge_papers", [world.put("/assessment/verdict", "support"), world.put("/assessment/drawn", true)]),
			"refusals": {"wish-heard": {"assessment.wish"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
