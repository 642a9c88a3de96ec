package sekisho.controls_test

import data.sekisho.world_test as world

test_evidence_noted[note] if {
	some note, each in {
		"grants: noted": {"case": world.plain("rows"), "refusals": {}},
		"refuses a dataset without evidence: absent": {
			"case": world.given("rows", [world.drop("/guideline/allow_list/care/c.log/evidence")]),
			"refusals": {"evidence-noted": {"s4"}},
		},
		"refuses a dataset without evidence: empty in one language": {
			"case": world.given("rows", [world.put("/guideline/allow_list/care/c.log/evidence/ja", "")]),
			"refusals": {"evidence-noted": {"s4"}},
		},
		"refuses a dataset without evidence: absent in one language": {
			"case": world.given("rows", [world.drop("/guideline/allow_list/care/c.log/evidence/en")]),
			"refusals": {"evidence-noted": {"s4"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
