package sekisho.controls_test

import data.sekisho.world_test as world

test_package_reviewed[note] if {
	some note, each in {
		"grants: another person": {
			"case": world.plain("inspect"),
			"refusals": {},
		},
		"grants: the first of them": {
			"case": world.asked("inspect", [world.put("/provision/reviewers", [])]),
			"refusals": {},
		},
		"grants: made after two": {
			"case": world.plain("create"),
			"refusals": {},
		},
		"grants: handed over after two": {
			"case": world.plain("hand"),
			"refusals": {},
		},
		"refuses the drafter": {
			"case": world.asked("inspect", [world.put("/principal/id", "aki")]),
			"refusals": {"package-reviewed": {"provision.reviewers"}},
		},
		"refuses who has reviewed it before": {
			"case": world.asked("inspect", [world.put("/principal/id", "rin")]),
			"refusals": {"package-reviewed": {"provision.reviewers"}},
		},
		"refuses a package of nobody": {
			"case": world.asked("inspect", [world.put("/provision/drafted_by", null)]),
			"refusals": {"package-reviewed": {"provision.reviewers"}},
		},
		"refuses too few: one": {
			"case": world.asked("create", [world.put("/provision/reviewers", ["rin"])]),
			"refusals": {"package-reviewed": {"provision.reviewers"}},
		},
		"refuses too few: one twice": {
			"case": world.asked("create", [world.put("/provision/reviewers", ["rin", "rin"])]),
			"refusals": {"package-reviewed": {"provision.reviewers"}},
		},
		"refuses too few: the drafter among them": {
			"case": world.asked("hand", [world.put("/provision/reviewers", ["rin", "aki"])]),
			"refusals": {"package-reviewed": {"provision.reviewers"}},
		},
		"refuses too few: none": {
			"case": world.asked("hand", [world.put("/provision/reviewers", [])]),
			"refusals": {"package-reviewed": {"provision.reviewers"}},
		},
		"refuses another content: changed since": {
			"case": world.asked("create", [world.put("/provision/digest", "c2")]),
			"refusals": {"package-reviewed": {"provision.reviewers"}},
		},
		"refuses another content: none": {
			"case": world.asked("create", [world.put("/provision/digest", null), world.put("/provision/reviewed_digest", null)]),
			"refusals": {"package-reviewed": {"provision.reviewers"}},
		},
		"refuses a guideline without a number: absent": {
			"case": world.given("create", [world.drop("/guideline/parameters/packages/reviewers")]),
			"refusals": {"package-reviewed": {"provision.reviewers"}},
		},
		"refuses a guideline without a number: one": {
			"case": world.given("hand", [world.put("/guideline/parameters/packages/reviewers", 1)]),
			"refusals": {"package-reviewed": {"provision.reviewers"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
