package sekisho.controls_test

import data.sekisho.world_test as world

test_purpose_reviewed[note] if {
	some note, each in {
		"grants: the first term": {
			"case": world.plain("rows"),
			"refusals": {},
		},
		"grants: reviewed on the day on which the term begins": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/since", "2022-04-01"), world.put("/guideline/purposes/care/reviewed_on", "2023-04-01")]),
			"refusals": {},
		},
		"grants: reviewed a year before": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/since", "2021-04-01"), world.put("/guideline/purposes/care/reviewed_on", "2022-03-31")]),
			"refusals": {},
		},
		"refuses a renewal without a review: none": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/since", "2022-04-01")]),
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a renewal without a review: too long ago": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/since", "2021-04-01"), world.put("/guideline/purposes/care/reviewed_on", "2022-03-30")]),
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a renewal without a review: after the term had begun": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/since", "2022-04-01"), world.put("/guideline/purposes/care/reviewed_on", "2023-04-02")]),
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a renewal without a review: no date": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/since", "2022-04-01"), world.put("/guideline/purposes/care/reviewed_on", "soon")]),
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a purpose without a beginning: absent": {
			"case": world.given("rows", [world.drop("/guideline/purposes/care/since")]),
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a purpose without a beginning: null": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/since", null)]),
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a purpose without a beginning: after its term": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/since", "2023-05-01"), world.put("/guideline/purposes/care/reviewed_on", "2023-03-01")]),
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
