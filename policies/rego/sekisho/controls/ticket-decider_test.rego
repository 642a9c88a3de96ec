package sekisho.controls_test

import data.sekisho.world_test as world

test_ticket_decider[note] if {
	some note, each in {
		"grants: another person of the post": {
			"case": world.plain("grant_ticket"),
			"refusals": {},
		},
		"grants: an extension": {
			"case": world.plain("prolong"),
			"refusals": {},
		},
		"refuses the person who asked": {
			"case": world.asked("grant_ticket", [world.put("/ticket/requester", "mio")]),
			"refusals": {"ticket-decider": {"principal.post"}},
		},
		"refuses another post": {
			"case": world.asked("grant_ticket", [world.put("/principal/post", "officer")]),
			"refusals": {"ticket-decider": {"principal.post"}},
		},
		"refuses an extension by whoever asked": {
			"case": world.asked("prolong", [world.put("/ticket/requester", "mio"), world.put("/ticket/decided_by", "rin")]),
			"refusals": {"ticket-decider": {"principal.post"}},
		},
		"refuses to reject from another post": {
			"case": world.asked("turn_down", [world.put("/principal/post", "officer")]),
			"refusals": {"ticket-decider": {"principal.post"}},
		},
		"refuses who is not known: no requester": {
			"case": world.asked("turn_down", [world.put("/ticket/requester", null)]),
			"refusals": {"ticket-decider": {"principal.post"}},
		},
		"refuses who is not known: no post": {
			"case": world.asked("turn_down", [world.put("/principal/post", "")]),
			"refusals": {"identity-verified": {"principal.post"}, "ticket-decider": {"principal.post"}},
		},
		"refuses who is not known: no account": {
			"case": world.asked("turn_down", [world.put("/principal/id", "")]),
			"refusals": {"identity-verified": {"principal.id"}, "ticket-decider": {"principal.post"}},
		},
		"refuses a guideline that names no post": {
			"case": world.given("grant_ticket", [world.drop("/guideline/parameters/reidentification/decided_by")]),
			"refusals": {"ticket-decider": {"principal.post"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
