package sekisho.controls_test

import data.sekisho.world_test as world

test_purpose_active[note] if {
	some note, each in {
		"grants: the last day": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/valid_to", "2023-10-01")]),
			"refusals": {},
		},
		"grants: the first day": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/valid_from", "2023-10-01"), world.put("/guideline/purposes/care/since", "2023-10-01")]),
			"refusals": {},
		},
		"grants: no last day": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/valid_to", null)]),
			"refusals": {},
		},
		"refuses a purpose out of force: suspended": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/status", "suspended")]),
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose out of force: status absent": {
			"case": world.given("rows", [world.drop("/guideline/purposes/care/status")]),
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose out of force: not yet": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/valid_from", "2023-10-02"), world.put("/guideline/purposes/care/since", "2023-10-02")]),
			"refusals": {"purpose-active": {"purpose"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_purpose_active_names_the_purpose if {
	case := world.given("rows", [world.put("/guideline/purposes/care/status", "closed")])
	world.answer(case).deny == [{"control": "purpose-active", "on": "purpose", "params": {"purpose": "care"}}]
}
