package sekisho.controls_test

import data.sekisho.world_test as world

test_ticket_purpose[note] if {
	some note, each in {
		"grants: found for this purpose": {
			"case": world.plain("ask_for"),
			"refusals": {},
		},
		"grants: one of two": {
			"case": world.asked("carry_out", [world.put("/ticket/types", ["tally", "care"])]),
			"refusals": {},
		},
		"refuses a purpose for which nobody is identified": {
			"case": world.asked("ask_for", [world.put("/purpose", "tally"), world.put("/ticket/types", ["tally"])]),
			"refusals": {"ticket-purpose": {"purpose"}},
		},
		"refuses a purpose for which this person was not found": {
			"case": world.asked("look_at", [world.put("/ticket/types", ["tally"])]),
			"refusals": {"ticket-purpose": {"purpose"}},
		},
		"refuses no purpose": {
			"case": world.asked("carry_out", [world.put("/purpose", null)]),
			"refusals": {"purpose-active": {"purpose"}, "purpose-stated": {"purpose"}, "ticket-purpose": {"purpose"}},
		},
		"refuses a guideline that names no purpose": {
			"case": world.given("ask_for", [world.drop("/guideline/parameters/reidentification/purposes")]),
			"refusals": {"ticket-purpose": {"purpose"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
