package sekisho.controls_test

import data.sekisho.world_test as world

test_capacity_approved[note] if {
	some note, each in {
		"grants: approved by another person": {
			"case": world.plain("see_cycle"),
			"refusals": {},
		},
		"refuses what nobody approved": {
			"case": world.asked("see_cycle", [world.put("/capacity/decided_by", null)]),
			"refusals": {"capacity-approved": {"capacity.decided_by"}},
		},
		"refuses what was approved by whoever judged": {
			"case": world.asked("see_cycle", [world.put("/capacity/decided_by", "aki")]),
			"refusals": {"capacity-approved": {"capacity.decided_by"}},
		},
		"refuses a capacity without a place": {
			"case": world.asked("see_cycle", [world.put("/capacity/room", 0)]),
			"refusals": {"capacity-approved": {"capacity.decided_by"}},
		},
		"refuses a cycle that nobody judged": {
			"case": world.asked("see_cycle", [world.put("/capacity/judged_by", "")]),
			"refusals": {"capacity-approved": {"capacity.decided_by"}, "request-well-formed": {"capacity"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
