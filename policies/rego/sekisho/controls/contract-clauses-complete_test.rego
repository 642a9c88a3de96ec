package sekisho.controls_test

import data.sekisho.world_test as world

test_contract_clauses_complete[note] if {
	some note, each in {
		"grants: all and more": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}})]),
			"refusals": {},
		},
		"grants: exactly all": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["deletion", "secrecy"]}})]),
			"refusals": {},
		},
		"grants: inside, without a contract": {
			"case": world.plain("request"),
			"refusals": {},
		},
		"refuses a clause that is missing: one": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "copies"]}})]),
			"refusals": {"contract-clauses-complete": {"recipient"}},
		},
		"refuses a clause that is missing: all": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": []}})]),
			"refusals": {"contract-clauses-complete": {"recipient"}},
		},
		"refuses a clause that is missing: absent": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03"}})]),
			"refusals": {"contract-clauses-complete": {"recipient"}},
		},
		"refuses a clause that is missing: a text": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": "secrecy, deletion"}})]),
			"refusals": {"contract-clauses-complete": {"recipient"}},
		},
		"refuses a guideline without a list of clauses: absent": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}}), world.drop("/guideline/parameters/contract_clauses")]),
			"refusals": {"contract-clauses-complete": {"recipient"}},
		},
		"refuses a guideline without a list of clauses: empty": {
			"case": world.given("request", [world.put("/guideline/recipients/desk", {"kind": "vendor", "contract": {"from": "2023-04-01", "to": "2024-03-31", "place": "JP", "subcontracting": "none", "consent": null, "inspected_on": "2023-05-01", "staff_named_on": "2023-04-03", "clauses": ["secrecy", "deletion", "copies"]}}), world.put("/guideline/parameters/contract_clauses", [])]),
			"refusals": {"contract-clauses-complete": {"recipient"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
