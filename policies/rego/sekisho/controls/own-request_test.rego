package sekisho.controls_test

import data.sekisho.world_test as world

test_own_request[note] if {
	some note, each in {
		"grants: the drafter": {
			"case": world.plain("withdraw"),
			"refusals": {},
		},
		"refuses another: who may draft, too": {
			"case": world.asked("withdraw", [world.put("/principal/id", "aki")]),
			"refusals": {"own-request": {"principal.id"}},
		},
		"refuses another: drafted by another": {
			"case": world.asked("withdraw", [world.put("/approval/requester", "aki")]),
			"refusals": {"own-request": {"principal.id"}},
		},
		"refuses who is not known: no requester": {
			"case": world.asked("withdraw", [world.drop("/approval/requester")]),
			"refusals": {"own-request": {"principal.id"}, "request-well-formed": {"approval"}},
		},
		"refuses who is not known: a list of names": {
			"case": world.asked("withdraw", [world.put("/approval/requester", ["ume"])]),
			"refusals": {"own-request": {"principal.id"}, "request-well-formed": {"approval"}},
		},
		"refuses what is decided: granted": {
			"case": world.asked("withdraw", [world.put("/approval/state", "granted")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses what is decided: withdrawn before": {
			"case": world.asked("withdraw", [world.put("/approval/state", "withdrawn")]),
			"refusals": {"approval-current": {"approval"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
