package sekisho.controls_test

import data.sekisho.world_test as world

test_notice_recorded[note] if {
	some note, each in {
		"grants: by a route of the guideline": {
			"case": world.plain("inform"),
			"refusals": {},
		},
		"grants: why not, and what instead": {
			"case": world.asked("inform", [world.put("/incident/route", "board"), world.put("/incident/obstacle", "nowhere")]),
			"refusals": {},
		},
		"refuses another route": {
			"case": world.asked("inform", [world.put("/incident/route", "rumour")]),
			"refusals": {"notice-recorded": {"incident.route"}},
		},
		"refuses a substitute without a reason": {
			"case": world.asked("inform", [world.put("/incident/route", "board")]),
			"refusals": {"notice-recorded": {"incident.route"}},
		},
		"refuses a reason that is none": {
			"case": world.asked("inform", [world.put("/incident/route", "board"), world.put("/incident/obstacle", "tired")]),
			"refusals": {"notice-recorded": {"incident.route"}},
		},
		"refuses a reason without a substitute": {
			"case": world.asked("inform", [world.put("/incident/obstacle", "nowhere")]),
			"refusals": {"notice-recorded": {"incident.route"}},
		},
		"refuses nothing at all": {
			"case": world.asked("inform", [world.put("/incident/route", null)]),
			"refusals": {"notice-recorded": {"incident.route"}},
		},
		"refuses a reason and nothing instead": {
			"case": world.asked("inform", [world.put("/incident/route", null), world.put("/incident/obstacle", "nowhere")]),
			"refusals": {"notice-recorded": {"incident.route"}},
		},
		"refuses what is not known: a list of routes": {
			"case": world.asked("inform", [world.put("/incident/route", ["post"])]),
			"refusals": {"notice-recorded": {"incident.route"}, "request-well-formed": {"incident"}},
		},
		"refuses what is not known: no incident": {
			"case": world.asked("inform", [world.put("/incident", null)]),
			"refusals": {"incident-dated": {"incident.on"}, "incident-in-turn": {"incident.state"}, "notice-recorded": {"incident.route"}, "protected-told-first": {"incident.contacted"}, "request-well-formed": {"incident"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
