package sekisho.controls_test

import data.sekisho.world_test as world

test_ticket_reasoned[note] if {
	some note, each in {
		"grants: long enough": {
			"case": world.asked("ask_for", [world.put("/ticket/reason", 20)]),
			"refusals": {},
		},
		"grants: an emergency without an indicator": {
			"case": world.asked("ask_for", [world.put("/ticket/emergency", true), world.put("/ticket/hits", 0)]),
			"refusals": {},
		},
		"grants: a reason for an extension": {
			"case": world.asked("prolong", [world.put("/ticket/reason", 21)]),
			"refusals": {},
		},
		"refuses one character too few": {
			"case": world.asked("ask_for", [world.put("/ticket/reason", 19)]),
			"refusals": {"ticket-reasoned": {"ticket.reason"}},
		},
		"refuses without an indicator": {
			"case": world.asked("ask_for", [world.put("/ticket/hits", 0)]),
			"refusals": {"ticket-reasoned": {"ticket.reason"}},
		},
		"refuses without a planned contact": {
			"case": world.asked("ask_for", [world.put("/ticket/contact", 0)]),
			"refusals": {"ticket-reasoned": {"ticket.reason"}},
		},
		"refuses an extension without a reason": {
			"case": world.asked("prolong", [world.put("/ticket/reason", 0)]),
			"refusals": {"ticket-reasoned": {"ticket.reason"}},
		},
		"refuses an emergency without a reason": {
			"case": world.asked("ask_for", [world.put("/ticket/emergency", true), world.put("/ticket/reason", 3)]),
			"refusals": {"ticket-reasoned": {"ticket.reason"}},
		},
		"refuses a guideline without a length": {
			"case": world.given("ask_for", [world.put("/guideline/parameters/reidentification/reason_characters", 0)]),
			"refusals": {"ticket-reasoned": {"ticket.reason"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
