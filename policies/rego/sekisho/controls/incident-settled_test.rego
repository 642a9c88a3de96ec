package sekisho.controls_test

import data.sekisho.world_test as world

test_incident_settled[note] if {
	some note, each in {
		"grants: reported, told and measures taken": {
			"case": world.plain("finish"),
			"refusals": {},
		},
		"grants: it is not known whether it has to be reported, and it was": {
			"case": world.asked("finish", [world.put("/incident/required", "unknown")]),
			"refusals": {},
		},
		"grants: nothing to report": {
			"case": world.asked("finish", [world.put("/incident/required", "no"), world.put("/incident/final", false), world.put("/incident/notified", false)]),
			"refusals": {},
		},
		"grants: one measure": {
			"case": world.asked("finish", [world.put("/incident/measures", ["lock"])]),
			"refusals": {},
		},
		"refuses without the final report": {
			"case": world.asked("finish", [world.put("/incident/final", false)]),
			"refusals": {"incident-settled": {"incident.final"}},
		},
		"refuses while the persons are not told": {
			"case": world.asked("finish", [world.put("/incident/notified", false)]),
			"refusals": {"incident-settled": {"incident.notified"}},
		},
		"refuses what may have to be reported and is not": {
			"case": world.asked("finish", [world.put("/incident/required", "unknown"), world.put("/incident/final", false)]),
			"refusals": {"incident-settled": {"incident.final"}},
		},
		"refuses what may have to be told and is not": {
			"case": world.asked("finish", [world.put("/incident/required", "unknown"), world.put("/incident/notified", false)]),
			"refusals": {"incident-settled": {"incident.notified"}},
		},
		"refuses without a measure": {
			"case": world.asked("finish", [world.put("/incident/measures", [])]),
			"refusals": {"incident-settled": {"incident.measures"}},
		},
		"refuses a measure that the guideline does not name": {
			"case": world.asked("finish", [world.put("/incident/measures", ["lock", "hope"])]),
			"refusals": {"incident-settled": {"incident.measures"}},
		},
		"refuses without measures even what need not be reported": {
			"case": world.asked("finish", [world.put("/incident/required", "no"), world.put("/incident/measures", [])]),
			"refusals": {"incident-settled": {"incident.measures"}},
		},
		"refuses what is not known: a measure that is no list": {
			"case": world.asked("finish", [world.put("/incident/measures", "lock")]),
			"refusals": {"incident-settled": {"incident.measures"}, "request-well-formed": {"incident"}},
		},
		"refuses what is not known: no incident": {
			"case": world.asked("finish", [world.put("/incident", null)]),
			"refusals": {"incident-in-turn": {"incident.state"}, "incident-settled": {"incident.final", "incident.measures", "incident.notified"}, "request-well-formed": {"incident"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
