package sekisho.controls_test

import data.sekisho.world_test as world

test_provision_packaged[note] if {
	some note, each in {
		"grants: inside, for no package": {
			"case": world.plain("rows"),
			"refusals": {},
		},
		"grants: groups inside": {
			"case": world.plain("groups"),
			"refusals": {},
		},
		"grants: rows for a package that is drafted": {
			"case": world.plain("provide"),
			"refusals": {},
		},
		"grants: rows for a package that is made": {
			"case": world.asked("provide", [world.put("/provision/state", "drafted"), world.put("/provision/drafted_by", "aki")]),
			"refusals": {},
		},
		"grants: groups for a contractor, for no package": {
			"case": {"of": "groups", "data": [world.put("/guideline/domains/numbers/recipient", "firm"), world.put("/guideline/purposes/tally/recipients", ["firm"])], "request": [world.put("/recipient", "firm")]},
			"refusals": {},
		},
		"refuses rows for a contractor: no package": {
			"case": world.asked("provide", [world.put("/provision", null)]),
			"refusals": {"provision-packaged": {"recipient"}},
		},
		"refuses rows for a contractor: a package that is made already": {
			"case": world.asked("provide", [world.put("/provision/state", "created")]),
			"refusals": {"provision-packaged": {"recipient"}},
		},
		"refuses rows for a contractor: a package that is no package": {
			"case": world.asked("provide", [world.put("/provision", "PK-1")]),
			"refusals": {"provision-packaged": {"recipient"}, "request-well-formed": {"provision"}},
		},
		"refuses a package for somebody inside": {
			"case": world.asked("rows", [world.put("/provision", {"id": "PK-1", "state": "new", "drafted_by": null, "reviewers": [], "k": null, "l": null, "findings": null, "digest": null, "reviewed_digest": null})]),
			"refusals": {"provision-packaged": {"recipient"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
