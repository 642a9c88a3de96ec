package sekisho.controls_test

import data.sekisho.world_test as world

test_recipient_in_contract[note] if {
	some note, each in {
		"grants: inside": {
			"case": world.plain("request"),
			"refusals": {},
		},
		"grants: the public": {
			"case": world.given("request", [world.put("/guideline/recipients/desk/kind", "public")]),
			"refusals": {},
		},
		"grants: under contract": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {},
		},
		"grants: the last day": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2023-10-01", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {},
		},
		"grants: the first day": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-10-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {},
		},
		"grants: subcontracting that was agreed": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "agreed", "consent": "C-7", "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {},
		},
		"refuses a contract that does not run: over yesterday": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2023-09-30", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"recipient-in-contract": {"recipient"}},
		},
		"refuses a contract that does not run: begins tomorrow": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-10-02", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"recipient-in-contract": {"recipient"}},
		},
		"refuses a contract that does not run: no end": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"recipient-in-contract": {"recipient"}},
		},
		"refuses a contract that lacks a condition: abroad": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "US", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"recipient-in-contract": {"recipient"}},
		},
		"refuses a contract that lacks a condition: no place": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"recipient-in-contract": {"recipient"}},
		},
		"refuses a contract that lacks a condition: agreed without a consent": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "agreed", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"recipient-in-contract": {"recipient"}},
		},
		"refuses a contract that lacks a condition: subcontracting unsaid": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {"recipient-in-contract": {"recipient"}},
		},
		"refuses no contract: none": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor"})]),
			"refusals": {"recipient-in-contract": {"recipient"}, "contract-clauses-complete": {"recipient"}, "contractor-inspected": {"recipient"}, "contractor-staff-named": {"recipient"}},
		},
		"refuses a kind that is not known: absent": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {})]),
			"refusals": {"recipient-in-contract": {"recipient"}, "contract-clauses-complete": {"recipient"}, "contractor-inspected": {"recipient"}, "contractor-staff-named": {"recipient"}},
		},
		"refuses a kind that is not known: another word": {
			"case": world.given("request", [world.put("/guideline/recipients/desk/kind", "friend")]),
			"refusals": {"recipient-in-contract": {"recipient"}, "contract-clauses-complete": {"recipient"}, "contractor-inspected": {"recipient"}, "contractor-staff-named": {"recipient"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
