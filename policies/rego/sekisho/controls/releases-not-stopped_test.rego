package sekisho.controls_test

import data.sekisho.world_test as world

test_releases_not_stopped[note] if {
	some note, each in {
		"grants: releases go on": {
			"case": world.plain("rows"),
			"refusals": {},
		},
		"grants: an action that releases nothing, while they are stopped": {
			"case": world.asked("lift", [world.put("/stopped", true)]),
			"refusals": {},
		},
		"refuses a stop: a query of rows": {
			"case": world.asked("rows", [world.put("/stopped", true)]),
			"refusals": {"releases-not-stopped": {"stopped"}},
		},
		"refuses a stop: a query of groups": {
			"case": world.asked("groups", [world.put("/stopped", true)]),
			"refusals": {"releases-not-stopped": {"stopped"}},
		},
		"refuses what is not known: absent": {
			"case": world.asked("rows", [world.drop("/stopped")]),
			"refusals": {"request-well-formed": {"stopped"}, "releases-not-stopped": {"stopped"}},
		},
		"refuses what is not known: null": {
			"case": world.asked("rows", [world.put("/stopped", null)]),
			"refusals": {"request-well-formed": {"stopped"}, "releases-not-stopped": {"stopped"}},
		},
		"refuses what is not known: the word": {
			"case": world.asked("rows", [world.put("/stopped", "false")]),
			"refusals": {"request-well-formed": {"stopped"}, "releases-not-stopped": {"stopped"}},
		},
		"refuses what is not known: zero": {
			"case": world.asked("rows", [world.put("/stopped", 0)]),
			"refusals": {"request-well-formed": {"stopped"}, "releases-not-stopped": {"stopped"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
