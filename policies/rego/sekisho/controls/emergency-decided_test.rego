package sekisho.controls_test

import data.sekisho.world_test as world

test_emergency_decided[note] if {
	some note, each in {
		"grants: no emergency, whatever waits": {
			"case": world.asked("ask_for", [world.put("/ticket/due", ["2023-09-01"])]),
			"refusals": {},
		},
		"grants: none waits": {
			"case": world.asked("ask_for", [world.put("/ticket/emergency", true)]),
			"refusals": {},
		},
		"grants: one waits in its time": {
			"case": world.asked("ask_for", [world.put("/ticket/emergency", true), world.put("/ticket/due", ["2023-10-01", "2023-10-02"])]),
			"refusals": {},
		},
		"refuses while one is overdue": {
			"case": world.asked("ask_for", [world.put("/ticket/emergency", true), world.put("/ticket/due", ["2023-10-02", "2023-09-30"])]),
			"refusals": {"emergency-decided": {"ticket.due"}},
		},
		"refuses to carry out while one is overdue": {
			"case": world.asked("carry_out", [world.put("/ticket/emergency", true), world.put("/ticket/due", ["2023-09-30"])]),
			"refusals": {"emergency-decided": {"ticket.due"}},
		},
		"refuses what is not known: no list": {
			"case": world.asked("ask_for", [world.put("/ticket/emergency", true), world.put("/ticket/due", null)]),
			"refusals": {"emergency-decided": {"ticket.due"}, "request-well-formed": {"ticket"}},
		},
		"refuses what is not known: no day": {
			"case": world.asked("ask_for", [world.put("/ticket/emergency", true), world.put("/ticket/due", ["soon"])]),
			"refusals": {"emergency-decided": {"ticket.due"}, "request-well-formed": {"ticket"}},
		},
		"refuses what is not known: no mark": {
			"case": world.asked("ask_for", [world.put("/ticket/emergency", null), world.put("/ticket/due", ["2023-09-30"])]),
			"refusals": {"emergency-decided": {"ticket.due"}, "request-well-formed": {"ticket"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
