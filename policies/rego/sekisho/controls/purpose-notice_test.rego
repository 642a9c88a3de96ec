package sekisho.controls_test

import data.sekisho.world_test as world

test_purpose_notice[note] if {
	some note, each in {
		"grants: given today": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/public_notice_on", "2023-10-01")]),
			"refusals": {},
		},
		"refuses a purpose that was not made public: tomorrow": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/public_notice_on", "2023-10-02")]),
			"refusals": {"purpose-notice": {"purpose"}},
		},
		"refuses a purpose that was not made public: no notice": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/public_notice_on", null)]),
			"refusals": {"purpose-notice": {"purpose"}},
		},
		"refuses a purpose that was not made public: notice absent": {
			"case": world.given("rows", [world.drop("/guideline/purposes/care/public_notice_on")]),
			"refusals": {"purpose-notice": {"purpose"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
