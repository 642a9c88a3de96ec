package sekisho.controls_test

import data.sekisho.world_test as world

test_contractor_staff_named[note] if {
	some note, each in {
		"grants: today": {
			"case": world.given("pack", [world.put("/guideline/recipients/firm", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-10-01", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {},
		},
		"grants: inside, without a contract": {
			"case": world.plain("request"),
			"refusals": {},
		},
		"grants: a package of whom it has named": {
			"case": world.plain("create"),
			"refusals": {},
		},
		"refuses who has named nobody: none": {
			"case": world.given("pack", [world.put("/guideline/recipients/firm", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": null, "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"contractor-staff-named": {"recipient"}},
		},
		"refuses who has named nobody: absent": {
			"case": world.given("hand", [world.put("/guideline/recipients/firm", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"contractor-staff-named": {"recipient"}},
		},
		"refuses who has named nobody: tomorrow": {
			"case": world.given("create", [world.put("/guideline/recipients/firm", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-10-02", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"contractor-staff-named": {"recipient"}},
		},
		"refuses who has named nobody: no date": {
			"case": world.given("provide", [world.put("/guideline/recipients/firm", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "spring", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"contractor-staff-named": {"recipient"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
