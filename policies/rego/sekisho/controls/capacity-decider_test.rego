package sekisho.controls_test

import data.sekisho.world_test as world

test_capacity_decider[note] if {
	some note, each in {
		"grants: a manager, of what another person judged": {
			"case": world.plain("approve_capacity"),
			"refusals": {},
		},
		"refuses whoever judged": {
			"case": world.asked("approve_capacity", [world.put("/capacity/judged_by", "mio")]),
			"refusals": {"capacity-decider": {"capacity.decided_by"}},
		},
		"refuses another post": {
			"case": world.asked("approve_capacity", [world.put("/principal/post", "officer")]),
			"refusals": {"capacity-decider": {"capacity.decided_by"}},
		},
		"refuses a capacity that was decided on": {
			"case": world.asked("approve_capacity", [world.put("/capacity/decided_by", "boss")]),
			"refusals": {"capacity-decider": {"capacity.decided_by"}},
		},
		"refuses a capacity without a place": {
			"case": world.asked("approve_capacity", [world.put("/capacity/room", 0)]),
			"refusals": {"capacity-decider": {"capacity.decided_by"}},
		},
		"refuses who is not known: no account": {
			"case": world.asked("approve_capacity", [world.put("/principal/id", "")]),
			"refusals": {"capacity-decider": {"capacity.decided_by"}, "identity-verified": {"principal.id"}},
		},
		"refuses who is not known: no post": {
			"case": world.asked("approve_capacity", [world.put("/principal/post", "")]),
			"refusals": {"capacity-decider": {"capacity.decided_by"}, "identity-verified": {"principal.post"}},
		},
		"refuses who is not known: nobody judged": {
			"case": world.asked("approve_capacity", [world.put("/capacity/judged_by", null)]),
			"refusals": {"capacity-decider": {"capacity.decided_by"}, "request-well-formed": {"capacity"}},
		},
		"refuses a guideline that names no post": {
			"case": world.given("approve_capacity", [world.drop("/guideline/parameters/judgement/decided_by")]),
			"refusals": {"capacity-decider": {"capacity.decided_by"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
