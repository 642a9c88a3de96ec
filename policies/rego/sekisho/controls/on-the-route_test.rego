package sekisho.controls_test

import data.sekisho.world_test as world

test_on_the_route_grants[note] if {
	some note, each in {
		"grants: a holder's steward sends it back": {
			"case": world.plain("return"),
			"refusals": {},
		},
		"grants: the reviewer sends it back": {
			"case": world.asked("return", [
				world.put("/principal/id", "rin"),
				world.put("/principal/roles", ["checker"]),
				world.put("/principal/hats", ["checker"]),
			]),
			"refusals": {},
		},
		"grants: the decider of its route sends it back": {
			"case": world.asked("return", [
				world.put("/principal/id", "boss"),
				world.put("/principal/roles", ["chief"]),
				world.put("/principal/hats", ["chief"]),
			]),
			"refusals": {},
		},
		"grants: the reviewer rejects": {
			"case": world.plain("reject"),
			"refusals": {},
		},
		"grants what is outdated": {
			"case": world.asked("return", [
				world.put("/approval/expires_at", "2023-09-30"),
				world.put("/approval/guideline_version", "0.9-0123456789ab"),
			]),
			"refusals": {},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_on_the_route_refuses[note] if {
	some note, each in {
		"refuses who has no step: a steward of none of its holders": {
			"case": world.asked("return", [world.put("/principal/id", "steward-z")]),
			"refusals": {"on-the-route": {"principal.hats"}},
		},
		"refuses who has no step: who decides on other routes": {
			"case": {
				"of": "return",
				"request": [
					world.put("/principal/id", "kei"),
					world.put("/principal/roles", ["head"]),
					world.put("/principal/hats", ["head"]),
				],
				"data": [
					world.put("/guideline/action_matrix/head/approval.return", "allow"),
				],
			},
			"refusals": {"on-the-route": {"principal.hats"}},
		},
		"refuses who has no step: another drafter rejects": {
			"case": {
				"of": "reject",
				"request": [
					world.put("/principal/id", "aki"),
					world.put("/principal/roles", ["runner"]),
					world.put("/principal/hats", ["runner"]),
				],
				"data": [
					world.put("/guideline/action_matrix/runner/approval.reject", "allow"),
				],
			},
			"refusals": {"on-the-route": {"principal.hats"}},
		},
		"refuses the drafter": {
			"case": world.asked("reject", [world.put("/principal/id", "ume")]),
			"refusals": {"on-the-route": {"principal.id"}},
		},
		"refuses who is not known: no requester": {
			"case": world.asked("return", [world.drop("/approval/requester")]),
			"refusals": {"on-the-route": {"principal.id"}, "request-well-formed": {"approval"}},
		},
		"refuses who is not known: an empty id": {
			"case": world.asked("return", [world.put("/principal/id", "")]),
			"refusals": {"identity-verified": {"principal.id"}, "on-the-route": {"principal.hats", "principal.id"}},
		},
		"refuses what is no query": {
			"case": world.asked("return", [world.put("/query", null)]),
			"refusals": {"on-the-route": {"principal.hats"}, "request-well-formed": {"query.functions", "query.output", "query.row_limit", "query.scans", "query.scopes", "query.sql_digest"}},
		},
		"refuses a route without reviewers": {
			"case": world.given("reject", [world.drop("/guideline/routes/template/review")]),
			"refusals": {"on-the-route": {"principal.hats"}},
		},
		"refuses what is decided: granted": {
			"case": world.asked("return", [world.put("/approval/state", "granted")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses what is decided: sent back before": {
			"case": world.asked("return", [world.put("/approval/state", "returned")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses what is decided: taken back, rejected": {
			"case": world.asked("reject", [world.put("/approval/state", "recalled")]),
			"refusals": {"approval-current": {"approval"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
