package sekisho.controls_test

import data.sekisho.world_test as world

test_purpose_stated[note] if {
	some note, each in {
		"grants: registered": {"case": world.plain("rows"), "refusals": {}},
		"refuses none or an unknown one: null": {
			"case": world.asked("rows", [world.put("/purpose", null)]),
			"refusals": {"purpose-stated": {"purpose"}, "purpose-goal-permitted": {"purpose"}, "purpose-goal-not-prohibited": {"purpose"}, "purpose-active": {"purpose"}, "impact-assessed": {"purpose"}, "purpose-notice": {"purpose"}, "purpose-reviewed": {"purpose"}, "legal-basis": {"basis"}, "purpose-output-kind": {"query.output"}, "data-form-declared": {"purpose"}, "network-zone": {"zone"}, "pseudonym-domain-declared": {"recipient"}, "purpose-allow-list": {"s1", "s2", "s3", "s4", "s5"}, "named-persons-only": {""}, "approval-route": {"approval"}},
		},
		"refuses what is no name: absent": {
			"case": world.asked("rows", [world.drop("/purpose")]),
			"refusals": {"request-well-formed": {"purpose"}, "purpose-stated": {"purpose"}, "purpose-goal-permitted": {"purpose"}, "purpose-goal-not-prohibited": {"purpose"}, "purpose-active": {"purpose"}, "impact-assessed": {"purpose"}, "purpose-notice": {"purpose"}, "purpose-reviewed": {"purpose"}, "legal-basis": {"basis"}, "purpose-output-kind": {"query.output"}, "data-form-declared": {"purpose"}, "network-zone": {"zone"}, "pseudonym-domain-declared": {"recipient"}, "purpose-allow-list": {"s1", "s2", "s3", "s4", "s5"}, "named-persons-only": {""}, "approval-route": {"approval"}},
		},
		"refuses one that is not registered: no entry": {
			"case": world.given("rows", [world.drop("/guideline/purposes/care")]),
			"refusals": {"purpose-stated": {"purpose"}, "purpose-goal-permitted": {"purpose"}, "purpose-goal-not-prohibited": {"purpose"}, "purpose-active": {"purpose"}, "impact-assessed": {"purpose"}, "purpose-notice": {"purpose"}, "purpose-reviewed": {"purpose"}, "legal-basis": {"basis"}, "purpose-output-kind": {"query.output"}, "data-form-declared": {"purpose"}, "network-zone": {"zone"}, "pseudonym-domain-declared": {"recipient"}, "named-persons-only": {""}, "approval-route": {"approval"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
