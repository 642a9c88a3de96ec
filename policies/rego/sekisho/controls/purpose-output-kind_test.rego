package sekisho.controls_test

import data.sekisho.world_test as world

test_purpose_output_kind[note] if {
	some note, each in {
		"grants: two kinds listed": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/outputs", ["aggregate", "row_level"])]),
			"refusals": {},
		},
		"refuses a kind that is not listed: another kind": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/outputs", ["aggregate"])]),
			"refusals": {"purpose-output-kind": {"query.output"}},
		},
		"refuses a kind that is not listed: none": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/outputs", [])]),
			"refusals": {"purpose-output-kind": {"query.output"}},
		},
		"refuses a kind that is not listed: absent": {
			"case": world.given("rows", [world.drop("/guideline/purposes/care/outputs")]),
			"refusals": {"purpose-output-kind": {"query.output"}},
		},
		"refuses a list that is none: by other names": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/outputs", {"x": "row_level"})]),
			"refusals": {"purpose-output-kind": {"query.output"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
