package sekisho.controls_test

import data.sekisho.world_test as world

test_ticket_in_state[note] if {
	some note, each in {
		"grants: a new one": {
			"case": world.plain("ask_for"),
			"refusals": {},
		},
		"grants: decided on": {
			"case": world.plain("carry_out"),
			"refusals": {},
		},
		"grants: on the last day of the grant": {
			"case": world.asked("carry_out", [world.put("/ticket/until", "2023-10-01")]),
			"refusals": {},
		},
		"grants: an emergency before the decision": {
			"case": world.asked("carry_out", [world.put("/ticket/state", "requested"), world.put("/ticket/until", null), world.put("/ticket/emergency", true), world.put("/ticket/decided_by", null)]),
			"refusals": {},
		},
		"grants: a decision after an emergency was carried out": {
			"case": world.asked("grant_ticket", [world.put("/ticket/state", "open"), world.put("/ticket/emergency", true), world.put("/ticket/decided_by", null)]),
			"refusals": {},
		},
		"grants: a decision after nobody was found": {
			"case": world.asked("grant_ticket", [world.put("/ticket/state", "ended"), world.put("/ticket/emergency", true), world.put("/ticket/decided_by", null)]),
			"refusals": {},
		},
		"grants: rejected afterwards": {
			"case": world.asked("turn_down", [world.put("/ticket/state", "open"), world.put("/ticket/emergency", true), world.put("/ticket/decided_by", null)]),
			"refusals": {},
		},
		"grants: on the last day of the view": {
			"case": world.asked("look_at", [world.put("/ticket/until", "2023-10-01")]),
			"refusals": {},
		},
		"grants: one that waits is ended": {
			"case": world.asked("end", [world.put("/ticket/state", "requested")]),
			"refusals": {},
		},
		"grants: one that was granted is ended": {
			"case": world.asked("end", [world.put("/ticket/state", "granted")]),
			"refusals": {},
		},
		"grants: a view that is over is ended": {
			"case": world.asked("end", [world.put("/ticket/until", "2023-09-30")]),
			"refusals": {},
		},
		"grants: extended once more": {
			"case": world.asked("prolong", [world.put("/ticket/extensions", 1)]),
			"refusals": {},
		},
		"grants: a look at an emergency before the decision": {
			"case": world.asked("look_at", [world.put("/ticket/emergency", true), world.put("/ticket/decided_by", null)]),
			"refusals": {},
		},
		"refuses a second request": {
			"case": world.asked("ask_for", [world.put("/ticket/state", "requested")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a new one that somebody asked for": {
			"case": world.asked("ask_for", [world.put("/ticket/requester", "nao")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a new one that somebody decided on": {
			"case": world.asked("ask_for", [world.put("/ticket/decided_by", "mio")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a grant by nobody": {
			"case": world.asked("carry_out", [world.put("/ticket/decided_by", null)]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a grant by whoever asked": {
			"case": world.asked("carry_out", [world.put("/ticket/decided_by", "nao")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a look at what nobody decided on": {
			"case": world.asked("look_at", [world.put("/ticket/decided_by", null)]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a look at what whoever asked decided on": {
			"case": world.asked("look_at", [world.put("/ticket/decided_by", "nao")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses to decide again on what waits": {
			"case": world.asked("turn_down", [world.put("/ticket/decided_by", "mio")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses before the decision": {
			"case": world.asked("carry_out", [world.put("/ticket/state", "requested"), world.put("/ticket/decided_by", null)]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a grant that is over": {
			"case": world.asked("carry_out", [world.put("/ticket/until", "2023-09-30")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a grant without an end": {
			"case": world.asked("carry_out", [world.put("/ticket/until", null)]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a second time": {
			"case": world.asked("carry_out", [world.put("/ticket/state", "open")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a second time after nobody was found": {
			"case": world.asked("carry_out", [world.put("/ticket/state", "ended")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses what was rejected": {
			"case": world.asked("carry_out", [world.put("/ticket/state", "rejected")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses an emergency that was decided on, from the start again": {
			"case": world.asked("carry_out", [world.put("/ticket/state", "requested"), world.put("/ticket/emergency", true)]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a second decision": {
			"case": world.asked("grant_ticket", [world.put("/ticket/state", "granted")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a decision on what was carried out": {
			"case": world.asked("grant_ticket", [world.put("/ticket/state", "open"), world.put("/ticket/decided_by", null)]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a second decision on an emergency": {
			"case": world.asked("turn_down", [world.put("/ticket/state", "open"), world.put("/ticket/emergency", true), world.put("/ticket/decided_by", "mio")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a decision on an emergency that was rejected": {
			"case": world.asked("grant_ticket", [world.put("/ticket/state", "rejected"), world.put("/ticket/emergency", true), world.put("/ticket/decided_by", null)]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a look after the last day": {
			"case": world.asked("look_at", [world.put("/ticket/until", "2023-09-30")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses a look at what was ended": {
			"case": world.asked("look_at", [world.put("/ticket/state", "ended")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses to extend a view that is over": {
			"case": world.asked("prolong", [world.put("/ticket/until", "2023-09-30")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses to extend too often": {
			"case": world.asked("prolong", [world.put("/ticket/extensions", 2)]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses to extend less than never": {
			"case": world.asked("prolong", [world.put("/ticket/extensions", -1)]),
			"refusals": {"request-well-formed": {"ticket"}, "ticket-in-state": {"ticket.state"}},
		},
		"refuses to end what is over": {
			"case": world.asked("end", [world.put("/ticket/state", "ended")]),
			"refusals": {"ticket-in-state": {"ticket.state"}},
		},
		"refuses what is not known: no ticket": {
			"case": world.asked("look_at", [world.put("/ticket", null)]),
			"refusals": {"own-ticket": {"principal.id"}, "protection-current": {""}, "request-well-formed": {"ticket"}, "ticket-in-state": {"ticket.state"}, "ticket-purpose": {"purpose"}, "view-limited": {"ticket.look_ups"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
