package sekisho.controls_test

import data.sekisho.world_test as world

test_erasure_not_held[note] if {
	some note, each in {
		"grants: nothing holds it up": {
			"case": world.plain("erase"),
			"refusals": {},
		},
		"refuses while something holds it up": {
			"case": world.asked("erase", [world.put("/matter/held", true)]),
			"refusals": {"erasure-not-held": {"matter.held"}},
		},
		"refuses what is not known: absent": {
			"case": world.asked("erase", [world.drop("/matter/held")]),
			"refusals": {"request-well-formed": {"matter"}, "erasure-not-held": {"matter.held"}},
		},
		"refuses what is not known: null": {
			"case": world.asked("erase", [world.put("/matter/held", null)]),
			"refusals": {"request-well-formed": {"matter"}, "erasure-not-held": {"matter.held"}},
		},
		"refuses what is not known: a text": {
			"case": world.asked("erase", [world.put("/matter/held", "false")]),
			"refusals": {"request-well-formed": {"matter"}, "erasure-not-held": {"matter.held"}},
		},
		"grants what only erasure waits for: freeing": {
			"case": world.asked("free", [world.put("/matter/held", true)]),
			"refusals": {},
		},
	}
	world.refusals(each.case) == each.refusals
}
