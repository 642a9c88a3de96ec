package sekisho.controls_test

import data.sekisho.world_test as world

test_pseudonym_domain_declared[note] if {
	some note, each in {
		"grants: several purposes": {
			"case": world.given("rows", [world.put("/guideline/domains/screening/purposes", ["other", "care"])]),
			"refusals": {},
		},
		"refuses a domain of others: of another purpose": {
			"case": world.given("rows", [world.put("/guideline/domains/screening/purposes", ["tally"])]),
			"refusals": {"pseudonym-domain-declared": {"recipient"}},
		},
		"refuses a domain of others: of another recipient": {
			"case": world.given("rows", [world.put("/guideline/domains/screening/recipient", "firm")]),
			"refusals": {"pseudonym-domain-declared": {"recipient"}},
		},
		"refuses a domain of others: a recipient that the purpose does not list": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/recipients", ["firm"])]),
			"refusals": {"pseudonym-domain-declared": {"recipient"}},
		},
		"refuses a list that is none: recipients by other names": {
			"case": world.given("rows", [world.put("/guideline/purposes/care/recipients", {"x": "desk"})]),
			"refusals": {"pseudonym-domain-declared": {"recipient"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
