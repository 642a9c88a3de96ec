package sekisho.controls_test

import data.sekisho.world_test as world

test_contractor_inspected[note] if {
	some note, each in {
		"grants: today": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-10-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {},
		},
		"grants: a year ago": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2022-10-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {},
		},
		"grants: inside, without a contract": {
			"case": world.plain("request"),
			"refusals": {},
		},
		"refuses an inspection that does not count: a year and a day ago": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2022-09-30", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"contractor-inspected": {"recipient"}},
		},
		"refuses an inspection that does not count: tomorrow": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-10-02", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"contractor-inspected": {"recipient"}},
		},
		"refuses an inspection that does not count: none": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": null, "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"contractor-inspected": {"recipient"}},
		},
		"refuses an inspection that does not count: absent": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"contractor-inspected": {"recipient"}},
		},
		"refuses an inspection that does not count: no date": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "spring", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"contractor-inspected": {"recipient"}},
		},
		"refuses a guideline without a limit: absent": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}}), world.drop("/guideline/parameters/inspection_max_days")]),
			"refusals": {"contractor-inspected": {"recipient"}},
		},
		"refuses a guideline without a limit: a text": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}}), world.put("/guideline/parameters/inspection_max_days", "365")]),
			"refusals": {"contractor-inspected": {"recipient"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
