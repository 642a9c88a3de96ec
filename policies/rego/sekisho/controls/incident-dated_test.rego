package sekisho.controls_test

import data.sekisho.world_test as world

test_incident_dated[note] if {
	some note, each in {
		"grants: known since some days": {
			"case": world.plain("notice"),
			"refusals": {},
		},
		"grants: known since today": {
			"case": world.asked("notice", [world.put("/incident/discovered_on", "2023-10-01")]),
			"refusals": {},
		},
		"grants: reported today": {
			"case": world.plain("tell_last"),
			"refusals": {},
		},
		"grants: reported on the day on which it became known": {
			"case": world.asked("tell_first", [world.put("/incident/on", "2023-09-20")]),
			"refusals": {},
		},
		"grants: persons were told today": {
			"case": world.asked("inform", [world.put("/incident/on", "2023-10-01")]),
			"refusals": {},
		},
		"refuses what becomes known tomorrow": {
			"case": world.asked("notice", [world.put("/incident/discovered_on", "2023-10-02")]),
			"refusals": {"incident-dated": {"incident.on"}},
		},
		"refuses a report of tomorrow": {
			"case": world.asked("tell_last", [world.put("/incident/on", "2023-10-02")]),
			"refusals": {"incident-dated": {"incident.on"}},
		},
		"refuses a report from before it was known": {
			"case": world.asked("tell_first", [world.put("/incident/on", "2023-09-19")]),
			"refusals": {"incident-dated": {"incident.on"}},
		},
		"refuses a contact from before it was known": {
			"case": world.asked("shield", [world.put("/incident/on", "2023-09-19")]),
			"refusals": {"incident-dated": {"incident.on"}},
		},
		"refuses a notice of tomorrow": {
			"case": world.asked("inform", [world.put("/incident/on", "2023-10-02")]),
			"refusals": {"incident-dated": {"incident.on"}},
		},
		"refuses a report of no day": {
			"case": world.asked("tell_last", [world.put("/incident/on", null)]),
			"refusals": {"incident-dated": {"incident.on"}},
		},
		"refuses a report on an incident that is still to come": {
			"case": world.asked("tell_last", [world.put("/incident/discovered_on", "2023-10-02"), world.put("/incident/on", "2023-10-02")]),
			"refusals": {"incident-dated": {"incident.on"}},
		},
		"refuses what is not known: a day of no calendar": {
			"case": world.asked("notice", [world.put("/incident/discovered_on", "2023-09-31")]),
			"refusals": {"incident-dated": {"incident.on"}, "request-well-formed": {"incident"}},
		},
		"refuses what is not known: no day": {
			"case": world.asked("notice", [world.drop("/incident/discovered_on")]),
			"refusals": {"incident-dated": {"incident.on"}, "request-well-formed": {"incident"}},
		},
		"refuses what is not known: no incident": {
			"case": world.asked("notice", [world.put("/incident", null)]),
			"refusals": {"incident-dated": {"incident.on"}, "incident-in-turn": {"incident.state"}, "request-well-formed": {"incident"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
