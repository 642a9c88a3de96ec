package sekisho.controls_test

import data.sekisho.world_test as world

test_impact_assessed[note] if {
	some note, each in {
		"grants: an assessment is named": {
			"case": world.plain("rows"),
			"refusals": {},
		},
		"refuses a purpose without an assessment: null": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/pia", null)]),
			"refusals": {"impact-assessed": {"purpose"}},
		},
		"refuses a purpose without an assessment: empty": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/pia", "")]),
			"refusals": {"impact-assessed": {"purpose"}},
		},
		"refuses a purpose without an assessment: absent": {
			"case": world.given("rows", [world.drop("/guideline/purposes/care/pia")]),
			"refusals": {"impact-assessed": {"purpose"}},
		},
		"refuses a purpose without an assessment: a number": {
			"case": world.given("request", [world.put("/guideline/purposes/care/pia", 7)]),
			"refusals": {"impact-assessed": {"purpose"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
