package sekisho.controls_test

import data.sekisho.world_test as world

test_package_in_turn[note] if {
	some note, each in {
		"grants: a new one": {
			"case": world.plain("pack"),
			"refusals": {},
		},
		"grants: a drafted one": {
			"case": world.plain("inspect"),
			"refusals": {},
		},
		"grants: a made one": {
			"case": world.plain("hand"),
			"refusals": {},
		},
		"grants: one that was handed over": {
			"case": world.plain("close"),
			"refusals": {},
		},
		"grants: one that was received": {
			"case": world.asked("close", [world.put("/provision/state", "received")]),
			"refusals": {},
		},
		"refuses another turn: drafted twice": {
			"case": world.asked("pack", [world.put("/provision/state", "drafted")]),
			"refusals": {"package-in-turn": {"provision.state"}},
		},
		"refuses another turn: reviewed after it was made": {
			"case": world.asked("inspect", [world.put("/provision/state", "created")]),
			"refusals": {"package-in-turn": {"provision.state"}},
		},
		"refuses another turn: made twice": {
			"case": world.asked("create", [world.put("/provision/state", "created")]),
			"refusals": {"package-in-turn": {"provision.state"}},
		},
		"refuses another turn: handed over before it was made": {
			"case": world.asked("hand", [world.put("/provision/state", "drafted")]),
			"refusals": {"package-in-turn": {"provision.state"}},
		},
		"refuses another turn: handed over twice": {
			"case": world.asked("hand", [world.put("/provision/state", "handed_over")]),
			"refusals": {"package-in-turn": {"provision.state"}},
		},
		"refuses another turn: closed before it was handed over": {
			"case": world.asked("close", [world.put("/provision/state", "created")]),
			"refusals": {"package-in-turn": {"provision.state"}},
		},
		"refuses another turn: closed twice": {
			"case": world.asked("close", [world.put("/provision/state", "deleted")]),
			"refusals": {"package-in-turn": {"provision.state"}},
		},
		"refuses another turn: a state that there is not": {
			"case": world.asked("close", [world.put("/provision/state", "lost")]),
			"refusals": {"package-in-turn": {"provision.state"}, "request-well-formed": {"provision"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
