package sekisho.controls_test

import data.sekisho.world_test as world

test_legal_review_first[note] if {
	some note, each in {
		"grants: reviewed by somebody else": {
			"case": world.plain("resolve"),
			"refusals": {},
		},
		"refuses before the review": {
			"case": world.asked("resolve", [world.put("/matter/reviewed_by", null)]),
			"refusals": {"legal-review-first": {"matter.reviewed_by"}},
		},
		"refuses whoever reviewed it": {
			"case": world.asked("resolve", [world.put("/matter/reviewed_by", "boss")]),
			"refusals": {"legal-review-first": {"matter.reviewed_by"}},
		},
		"refuses what is not known: absent": {
			"case": world.asked("resolve", [world.drop("/matter/reviewed_by")]),
			"refusals": {"request-well-formed": {"matter"}, "legal-review-first": {"matter.reviewed_by"}},
		},
		"refuses what is not known: a list": {
			"case": world.asked("resolve", [world.put("/matter/reviewed_by", ["rin"])]),
			"refusals": {"request-well-formed": {"matter"}, "legal-review-first": {"matter.reviewed_by"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
