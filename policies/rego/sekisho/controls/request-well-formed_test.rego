package sekisho.controls_test

import data.sekisho.world_test as world

test_request_well_formed[note] if {
	some note, each in {
		"grants: every action: rows": {"case": world.plain("rows"), "refusals": {}},
		"grants: every action: groups": {"case": world.plain("groups"), "refusals": {}},
		"grants: every action: suspend": {"case": world.plain("suspend"), "refusals": {}},
		"grants: every action: stop": {"case": world.plain("stop"), "refusals": {}},
		"grants: every action: withdraw": {"case": world.plain("withdraw"), "refusals": {}},
		"refuses time: without offset": {
			"case": world.asked("read", [world.put("/time", "2023-10-01T09:00:00")]),
			"refusals": {"request-well-formed": {"as_of", "time"}, "account-in-force": {"principal.valid_until"}, "training-current": {"principal.training_until"}},
		},
		"refuses as of: tomorrow": {
			"case": world.asked("read", [world.put("/as_of", "2023-10-02")]),
			"refusals": {"request-well-formed": {"as_of"}},
		},
		"refuses guideline version: of another guideline": {
			"case": world.asked("read", [world.put("/guideline_version", "1.0-ffffffffffff")]),
			"refusals": {"request-well-formed": {"guideline_version"}},
		},
		"refuses scans: none": {
			"case": world.asked("request", [world.put("/query/scans", [])]),
			"refusals": {"request-well-formed": {"query.output", "query.scans", "query.scopes"}, "my-number-prohibited": {""}, "tax-origin-prohibited": {""}, "address-protected-excluded": {""}, "suspended-excluded": {""}, "purpose-allow-list": {""}, "evidence-noted": {""}, "identifier-never-leaves": {""}, "identifier-pseudonymised": {""}, "no-free-text": {""}, "minimal-form": {""}, "sensitive-items-reduced": {""}, "cohort-declared": {"query.scans"}, "scans-reached": {""}, "target-age": {""}, "moved-out-excluded": {""}},
		},
		"refuses scopes: an unknown input": {
			"case": world.asked("groups", [world.put("/query/scopes/0/inputs/-", "s9")]),
			"refusals": {"request-well-formed": {"query.scopes"}},
		},
		"refuses output: a column without name": {
			"case": world.asked("rows", [world.drop("/query/output/columns/0/name")]),
			"refusals": {"request-well-formed": {"query.output"}},
		},
		"refuses parts of the query: of wrong types": {
			"case": world.asked("rows", [world.put("/query/functions", "max"), world.put("/query/row_limit", "5")]),
			"refusals": {"request-well-formed": {"query.functions", "query.row_limit"}},
		},
		"refuses step: where nothing is signed": {
			"case": world.asked("rows", [world.put("/step", "decide")]),
			"refusals": {"request-well-formed": {"step"}},
		},
		"refuses approval of a query: without id": {
			"case": world.asked("rows", [world.drop("/approval/id")]),
			"refusals": {"request-well-formed": {"approval"}},
		},
		"grants: an approval of what recurs": {
			"case": world.asked("rows", [world.put("/approval/series", {"interval": "month", "rounding": 10})]),
			"refusals": {},
		},
		"refuses approval: what recurs without a rounding": {
			"case": world.asked("rows", [world.put("/approval/series", {"interval": "month", "rounding": 1})]),
			"refusals": {"request-well-formed": {"approval"}},
		},
		"refuses approval: without id": {
			"case": world.asked("reject", [world.drop("/approval/id")]),
			"refusals": {"request-well-formed": {"approval"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_request_well_formed_refuses_an_unknown_action[note] if {
	some note, change in {
		"absent": world.drop("/action"),
		"null": world.put("/action", null),
		"empty": world.put("/action", ""),
		"wrong type": world.put("/action", ["query"]),
		"unknown": world.put("/action", "query.row_level"),
	}
	world.answer(world.asked("rows", [change])) == {
		"allow": false,
		"required": ["request-well-formed"],
		"granted_under": [],
		"deny": [{"control": "request-well-formed", "on": "action", "params": {}}],
		"obligations": null,
	}
}
