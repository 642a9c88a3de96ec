package sekisho.controls_test

import data.sekisho.world_test as world

test_second_person[note] if {
	some note, each in {
		"grants: a suspension that another asked for": {
			"case": world.plain("release"),
			"refusals": {},
		},
		"grants: a stop that another made": {
			"case": world.plain("lift"),
			"refusals": {},
		},
		"refuses the same person: a suspension": {
			"case": world.asked("release", [world.put("/matter/opened_by", "boss")]),
			"refusals": {"second-person": {"principal.id"}},
		},
		"refuses the same person: a stop": {
			"case": world.asked("lift", [world.put("/matter/opened_by", "boss")]),
			"refusals": {"second-person": {"principal.id"}},
		},
		"refuses who is not known: nobody opened it": {
			"case": world.asked("release", [world.put("/matter/opened_by", null)]),
			"refusals": {"request-well-formed": {"matter"}, "second-person": {"principal.id"}},
		},
		"refuses who is not known: absent": {
			"case": world.asked("release", [world.drop("/matter/opened_by")]),
			"refusals": {"request-well-formed": {"matter"}, "second-person": {"principal.id"}},
		},
		"refuses who is not known: no matter": {
			"case": world.asked("lift", [world.put("/matter", null)]),
			"refusals": {"request-well-formed": {"matter"}, "second-person": {"principal.id"}},
		},
		"refuses who is not known: a list of names": {
			"case": world.asked("lift", [world.put("/matter/opened_by", ["steward-b"])]),
			"refusals": {"request-well-formed": {"matter"}, "second-person": {"principal.id"}},
		},
		"refuses who is not known: an empty name": {
			"case": world.asked("lift", [world.put("/matter/opened_by", "")]),
			"refusals": {"request-well-formed": {"matter"}, "second-person": {"principal.id"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
