package sekisho.controls_test

import data.sekisho.world_test as world

test_sensitive_items_approved[note] if {
	some note, each in {
		"grants: decided at the top": {"case": world.plain("rows"), "refusals": {}},
		"grants: only counted": {"case": world.plain("groups"), "refusals": {}},
		"refuses another decider: of the ordinary route": {
			"case": world.asked("rows", [world.put("/approval/approver/role", "head")]),
			"refusals": {"sensitive-items-approved": {"s1.stage", "s1.helped"}, "approval-route": {"approval"}},
		},
		"refuses a count for a purpose with rows: two kinds of output": {
			"case": world.given("groups", [
				world.put("/guideline/purposes/tally/outputs", ["aggregate", "row_level"]),
			]),
			"refusals": {"sensitive-items-approved": {"s2.stage"}},
		},
		"refuses a sensitivity that is not known: absent": {
			"case": world.given("rows", [world.drop("/catalogue/datasets/a.person/columns/level/sensitivity")]),
			"refusals": {"sensitive-items-approved": {"s5.level"}, "sensitive-items-reduced": {"s5.level"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
