package sekisho.controls_test

import data.sekisho.world_test as world

test_protected_told_first[note] if {
	some note, each in {
		"grants: a safe route": {
			"case": world.plain("shield"),
			"refusals": {},
		},
		"grants: the others, after that": {
			"case": world.plain("inform"),
			"refusals": {},
		},
		"refuses a route that is not safe": {
			"case": world.asked("shield", [world.put("/incident/route", "post")]),
			"refusals": {"protected-told-first": {"incident.route"}},
		},
		"refuses no route": {
			"case": world.asked("shield", [world.put("/incident/route", null)]),
			"refusals": {"protected-told-first": {"incident.route"}},
		},
		"refuses a reason instead of a safe route": {
			"case": world.asked("shield", [world.put("/incident/obstacle", "nowhere")]),
			"refusals": {"protected-told-first": {"incident.route"}},
		},
		"refuses to tell the others first": {
			"case": world.asked("inform", [world.put("/incident/contacted", false)]),
			"refusals": {"protected-told-first": {"incident.contacted"}},
		},
		"refuses what is not known: no mark": {
			"case": world.asked("inform", [world.drop("/incident/contacted")]),
			"refusals": {"protected-told-first": {"incident.contacted"}, "request-well-formed": {"incident"}},
		},
		"refuses what is not known: the word": {
			"case": world.asked("inform", [world.put("/incident/contacted", "true")]),
			"refusals": {"protected-told-first": {"incident.contacted"}, "request-well-formed": {"incident"}},
		},
		"refuses what is not known: no incident": {
			"case": world.asked("shield", [world.put("/incident", null)]),
			"refusals": {"incident-dated": {"incident.on"}, "incident-in-turn": {"incident.state"}, "protected-told-first": {"incident.route"}, "request-well-formed": {"incident"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
