package sekisho.controls_test

import data.sekisho.world_test as world

test_ticket_cap[note] if {
	some note, each in {
		"grants: the last of the month": {
			"case": world.asked("grant_ticket", [world.put("/ticket/granted_this_month", 2)]),
			"refusals": {},
		},
		"grants: what had to be seen at once": {
			"case": world.asked("grant_ticket", [world.put("/ticket/granted_this_month", 3), world.put("/ticket/alert", true)]),
			"refusals": {},
		},
		"grants: an emergency": {
			"case": world.asked("grant_ticket", [world.put("/ticket/granted_this_month", 3), world.put("/ticket/emergency", true)]),
			"refusals": {},
		},
		"refuses one too many": {
			"case": world.asked("grant_ticket", [world.put("/ticket/granted_this_month", 3)]),
			"refusals": {"ticket-cap": {"ticket.granted_this_month"}},
		},
		"refuses what is not known": {
			"case": world.asked("grant_ticket", [world.put("/ticket/granted_this_month", null)]),
			"refusals": {"request-well-formed": {"ticket"}, "ticket-cap": {"ticket.granted_this_month"}},
		},
		"refuses fewer than none": {
			"case": world.asked("grant_ticket", [world.put("/ticket/granted_this_month", -1)]),
			"refusals": {"request-well-formed": {"ticket"}, "ticket-cap": {"ticket.granted_this_month"}},
		},
		"refuses a guideline without a number": {
			"case": world.given("grant_ticket", [world.drop("/guideline/parameters/reidentification/monthly_cap")]),
			"refusals": {"ticket-cap": {"ticket.granted_this_month"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
