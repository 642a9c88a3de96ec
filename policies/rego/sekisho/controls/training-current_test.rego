package sekisho.controls_test

import data.sekisho.world_test as world

test_training_current[note] if {
	some note, each in {
		"grants: training ends today": {"case": world.asked("rows", [world.put("/principal/training_until", "2023-10-01")]), "refusals": {}},
		"refuses each of the two that is lacking: no oath": {"case": world.asked("rows", [world.put("/principal/oath", false)]), "refusals": {"training-current": {"principal.oath"}}},
		"refuses each of the two that is lacking: an oath as text": {"case": world.asked("rows", [world.put("/principal/oath", "true")]), "refusals": {"training-current": {"principal.oath"}}},
		"refuses each of the two that is lacking: training ended yesterday": {"case": world.asked("rows", [world.put("/principal/training_until", "2023-09-30")]), "refusals": {"training-current": {"principal.training_until"}}},
		"refuses each of the two that is lacking: never trained": {"case": world.asked("rows", [world.put("/principal/training_until", null)]), "refusals": {"training-current": {"principal.training_until"}}},
		"refuses each of the two that is lacking: no date": {"case": world.asked("rows", [world.put("/principal/training_until", "soon")]), "refusals": {"training-current": {"principal.training_until"}}},
		"refuses each of the two that is lacking: neither is there": {"case": world.asked("ledger", [world.drop("/principal/training_until"), world.drop("/principal/oath")]), "refusals": {"training-current": {"principal.oath", "principal.training_until"}}},
	}
	world.refusals(each.case) == each.refusals
}
