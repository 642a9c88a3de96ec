package sekisho.controls_test

import data.sekisho.world_test as world

test_incident_in_turn[note] if {
	some note, each in {
		"grants: a new one": {
			"case": world.plain("notice"),
			"refusals": {},
		},
		"grants: an assessment of one that is open": {
			"case": world.plain("gauge"),
			"refusals": {},
		},
		"grants: another assessment after the preliminary report": {
			"case": world.asked("gauge", [world.put("/incident/preliminary", true), world.put("/incident/required", "no")]),
			"refusals": {},
		},
		"grants: the preliminary report": {
			"case": world.plain("tell_first"),
			"refusals": {},
		},
		"grants: the final report": {
			"case": world.plain("tell_last"),
			"refusals": {},
		},
		"grants: the final report alone": {
			"case": world.asked("tell_last", [world.put("/incident/preliminary", false)]),
			"refusals": {},
		},
		"grants: a report that need not be": {
			"case": world.asked("tell_first", [world.put("/incident/required", "no")]),
			"refusals": {},
		},
		"grants: the contact, before any report": {
			"case": world.plain("shield"),
			"refusals": {},
		},
		"grants: a look at who is protected": {
			"case": world.plain("whom"),
			"refusals": {},
		},
		"grants: telling the persons": {
			"case": world.plain("inform"),
			"refusals": {},
		},
		"grants: telling them again": {
			"case": world.asked("inform", [world.put("/incident/notified", true)]),
			"refusals": {},
		},
		"grants: the end": {
			"case": world.plain("finish"),
			"refusals": {},
		},
		"refuses to open it twice": {
			"case": world.asked("notice", [world.put("/incident/state", "open")]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses to open one that is assessed": {
			"case": world.asked("notice", [world.put("/incident/required", "no")]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses to assess what is new": {
			"case": world.asked("gauge", [world.put("/incident/state", "new")]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses to assess what is closed": {
			"case": world.asked("gauge", [world.put("/incident/state", "closed")]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses to assess after the final report": {
			"case": world.asked("gauge", [world.put("/incident/final", true)]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses a look before the assessment": {
			"case": world.asked("whom", [world.put("/incident/required", null)]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses a look after the end": {
			"case": world.asked("whom", [world.put("/incident/state", "closed")]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses a contact before the assessment": {
			"case": world.asked("shield", [world.put("/incident/required", null)]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses a contact after the end": {
			"case": world.asked("shield", [world.put("/incident/state", "closed")]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses a preliminary report before the assessment": {
			"case": world.asked("tell_first", [world.put("/incident/required", null)]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses a preliminary report after the end": {
			"case": world.asked("tell_first", [world.put("/incident/state", "closed")]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses a final report before the assessment": {
			"case": world.asked("tell_last", [world.put("/incident/required", null)]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses a final report after the end": {
			"case": world.asked("tell_last", [world.put("/incident/state", "closed")]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses a notice before the assessment": {
			"case": world.asked("inform", [world.put("/incident/required", null)]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses a notice after the end": {
			"case": world.asked("inform", [world.put("/incident/state", "closed")]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses the preliminary report twice": {
			"case": world.asked("tell_first", [world.put("/incident/preliminary", true)]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses the preliminary report after the final one": {
			"case": world.asked("tell_first", [world.put("/incident/final", true)]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses the final report twice": {
			"case": world.asked("tell_last", [world.put("/incident/final", true)]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses a report of no stage": {
			"case": world.asked("tell_last", [world.put("/incident/stage", null)]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses to close twice": {
			"case": world.asked("finish", [world.put("/incident/state", "closed")]),
			"refusals": {"incident-in-turn": {"incident.state"}},
		},
		"refuses to close before the assessment": {
			"case": world.asked("finish", [world.put("/incident/required", null)]),
			"refusals": {"incident-in-turn": {"incident.state"}, "incident-settled": {"incident.final", "incident.notified"}},
		},
		"refuses what is not known: an answer of another word": {
			"case": world.asked("tell_first", [world.put("/incident/required", "maybe")]),
			"refusals": {"incident-in-turn": {"incident.state"}, "request-well-formed": {"incident"}},
		},
		"refuses what is not known: no mark": {
			"case": world.asked("tell_first", [world.drop("/incident/preliminary")]),
			"refusals": {"incident-in-turn": {"incident.state"}, "request-well-formed": {"incident"}},
		},
		"refuses what is not known: no incident": {
			"case": world.asked("gauge", [world.put("/incident", null)]),
			"refusals": {"incident-in-turn": {"incident.state"}, "request-well-formed": {"incident"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
