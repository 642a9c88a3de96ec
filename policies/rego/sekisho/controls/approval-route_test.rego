package sekisho.controls_test

import data.sekisho.world_test as world

test_approval_route[note] if {
	some note, each in {
		"grants: approved rows": {"case": world.plain("rows"), "refusals": {}},
		"grants: groups without": {"case": world.plain("groups"), "refusals": {}},
		"grants: review": {"case": world.plain("review"), "refusals": {}},
		"grants: consult": {"case": world.plain("consult"), "refusals": {}},
		"grants: decide": {"case": world.plain("decide"), "refusals": {}},
		"refuses groups that need an approval: by the purpose": {
			"case": world.given("groups", [world.put("/guideline/purposes/tally/needs_approval", true)]),
			"refusals": {"approval-route": {"approval"}, "sensitive-items-approved": {"s2.stage"}},
		},
		"refuses rows without an approval ever: null": {
			"case": world.asked("rows", [world.put("/approval", null)]),
			"refusals": {"approval-route": {"approval"}, "sensitive-items-approved": {"s1.stage", "s1.helped"}},
		},
		"refuses an approval that is none: absent": {
			"case": world.asked("rows", [world.drop("/approval")]),
			"refusals": {
				"request-well-formed": {"approval"},
				"approval-route": {""},
				"approval-current": {""},
				"approval-unchanged": {""},
				"separation-of-duties": {""},
				"sensitive-items-approved": {"s1.stage", "s1.helped"},
			},
		},
		"refuses a step of others: reviewed by one who does not review": {
			"case": {
				"of": "review",
				"request": [],
				"data": [world.put("/guideline/routes/template/review/roles", ["head"])],
			},
			"refusals": {"approval-route": {"step"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_approval_route_names_what_is_missing[note] if {
	some note, case in {
		"approval": {"of": world.asked("rows", [world.put("/approval", null)]), "on": "approval"},
		"purpose": {"of": world.asked("rows", [world.put("/approval/purpose", "tally")]), "on": "approval"},
		"review": {"of": world.asked("rows", [world.drop("/approval/reviewers/0")]), "on": "approval"},
		"consult:a": {"of": world.asked("rows", [world.drop("/approval/reviewers/1")]), "on": "approval"},
		"consult:b": {"of": world.asked("rows", [world.drop("/approval/reviewers/2")]), "on": "approval"},
		"consult:c": {"of": world.asked("decide", [world.drop("/approval/reviewers/3")]), "on": "approval"},
		"decide": {"of": world.asked("rows", [world.put("/approval/approver/role", "zzz")]), "on": "approval"},
		"consult": {"of": world.asked("consult", [world.put("/principal/id", "zzz")]), "on": "step"},
	}
	[reason.params.missing | some reason in world.answer(case.of).deny; reason.control == "approval-route"] == [note]
	some reason in world.answer(case.of).deny
	reason.control == "approval-route"
	reason.on == case.on
}

test_approval_route_refuses_signatures_that_do_not_count[note] if {
	some note, change in {
		"a review of another role": world.put("/approval/reviewers/0/role", "runner"),
		"a review that says another step": world.put("/approval/reviewers/0/step", "consult"),
		"a review without id": world.put("/approval/reviewers/0/id", ""),
		"a consultation of another steward": world.put("/approval/reviewers/1/id", "steward-z"),
		"a consultation that says another step": world.put("/approval/reviewers/1/step", "decide"),
		"reviewers absent": world.drop("/approval/reviewers"),
		"reviewers as an object": world.put("/approval/reviewers", {}),
		"requester absent": world.drop("/approval/requester"),
		"requester empty": world.put("/approval/requester", ""),
		"approver as text": world.put("/approval/approver", "boss"),
		"approver of another step": world.put("/approval/approver/step", "review"),
	}
	"approval" in world.refusals(world.asked("rows", [change]))["approval-route"]
}

test_approval_route_refuses_a_route_that_is_broken[note] if {
	some note, change in {
		"no route": world.drop("/guideline/routes/template"),
		"no review": world.drop("/guideline/routes/template/review"),
		"no roles that review": world.put("/guideline/routes/template/review/roles", []),
		"no consultation": world.drop("/guideline/routes/template/consult"),
		"another consultation": world.put("/guideline/routes/template/consult", "none"),
		"no steward": world.drop("/catalogue/departments/a/steward"),
		"a department that is not known": world.put("/catalogue/datasets/c.log/department", "z"),
	}
	world.refusals(world.given("rows", [change]))["approval-route"]
}

test_approval_route_is_ready_only_after_the_others[note] if {
	some note, change in {
		"review": world.drop("/approval/reviewers/0"),
		"consultation": world.drop("/approval/reviewers/2"),
	}
	world.refusals(world.asked("decide", [change])) == {"approval-route": {"approval"}}
}

test_approval_route_lets_the_ordinary_role_decide_what_is_ordinary if {
	ordinary := [
		world.put("/catalogue/datasets/b.visit/columns/stage/sensitivity", "normal"),
		world.put("/catalogue/datasets/b.visit/columns/helped/sensitivity", "normal"),
	]
	hat := [world.put("/principal/roles", ["head"]), world.put("/principal/hats", ["head"])]
	world.answer({"of": "decide", "request": hat, "data": ordinary}).allow
}

test_approval_route_with_a_basis[note] if {
	some note, each in {
		"grants: ahead of the decision": {
			"case": {"of": "rows", "request": [world.put("/basis", "alarm"), world.put("/approval/basis", "alarm"), world.put("/approval/state", "requested"), world.put("/approval/requester", "aki"), world.put("/approval/reviewers", []), world.put("/approval/approver", null)], "data": [world.put("/guideline/purposes/care/bases", ["in_purpose", "alarm", "consent"])]},
			"refusals": {},
		},
		"refuses ahead of the decision: somebody else than who drafted it": {
			"case": {"of": "rows", "request": [world.put("/basis", "alarm"), world.put("/approval/basis", "alarm"), world.put("/approval/state", "requested"), world.put("/approval/requester", "aki"), world.put("/approval/reviewers", []), world.put("/approval/approver", null), world.put("/approval/requester", "ume")], "data": [world.put("/guideline/purposes/care/bases", ["in_purpose", "alarm", "consent"])]},
			"refusals": {"approval-route": {"approval"}, "approval-current": {"approval"}, "sensitive-items-approved": {"s1.helped", "s1.stage"}},
		},
		"refuses ahead of the decision: a basis that waits for it": {
			"case": {"of": "rows", "request": [world.put("/basis", "alarm"), world.put("/approval/basis", "alarm"), world.put("/approval/state", "requested"), world.put("/approval/requester", "aki"), world.put("/approval/reviewers", []), world.put("/approval/approver", null), world.put("/basis", "consent"), world.put("/approval/basis", "consent")], "data": [world.put("/guideline/purposes/care/bases", ["in_purpose", "alarm", "consent"])]},
			"refusals": {"approval-route": {"approval"}, "approval-current": {"approval"}, "sensitive-items-approved": {"s1.helped", "s1.stage"}},
		},
		"refuses ahead of the decision: for another purpose": {
			"case": {"of": "rows", "request": [world.put("/basis", "alarm"), world.put("/approval/basis", "alarm"), world.put("/approval/state", "requested"), world.put("/approval/requester", "aki"), world.put("/approval/reviewers", []), world.put("/approval/approver", null), world.put("/approval/purpose", "tally")], "data": [world.put("/guideline/purposes/care/bases", ["in_purpose", "alarm", "consent"])]},
			"refusals": {"approval-route": {"approval"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_approval_route_of_an_occasional_use[note] if {
	some note, each in {
		"grants: decided on the ordinary route, where every item is ordinary": {
			"case": {"of": "decide", "request": [world.put("/principal/roles", ["head"]), world.put("/principal/hats", ["head"])], "data": [world.put("/catalogue/datasets/b.visit/columns/stage/sensitivity", "normal"), world.put("/catalogue/datasets/b.visit/columns/helped/sensitivity", "normal")]},
			"refusals": {},
		},
		"refuses a step of others: an occasional use on the ordinary route": {
			"case": {
				"of": "decide", "request": [
					world.put("/principal/roles", ["head"]), world.put("/principal/hats", ["head"]), world.put("/basis", "across"), world.put("/occasional", {
						"expires_at": "2023-12-29",
						"harm": 20,
						"reason": 30,
						"starts_on": "2023-10-01",
						"uses": [],
					}),
					world.put("/approval/basis", "across"), world.put("/approval/starts_on", "2023-10-01"), world.put("/approval/expires_at", "2023-12-29"),
				],
				"data": [world.put("/catalogue/datasets/b.visit/columns/stage/sensitivity", "normal"), world.put("/catalogue/datasets/b.visit/columns/helped/sensitivity", "normal")],
			},
			"refusals": {"approval-route": {"step"}},
		},
		"grants: an occasional use decided by the chief": {
			"case": {
				"of": "decide", "request": [
					world.put("/basis", "across"), world.put("/occasional", {
						"expires_at": "2023-12-29",
						"harm": 20,
						"reason": 30,
						"starts_on": "2023-10-01",
						"uses": [],
					}),
					world.put("/approval/basis", "across"), world.put("/approval/starts_on", "2023-10-01"), world.put("/approval/expires_at", "2023-12-29"),
				],
				"data": [world.put("/catalogue/datasets/b.visit/columns/stage/sensitivity", "normal"), world.put("/catalogue/datasets/b.visit/columns/helped/sensitivity", "normal")],
			},
			"refusals": {},
		},
		"refuses ahead of the decision: an occasional use": {
			"case": {"of": "once", "request": [world.put("/approval/state", "requested"), world.put("/approval/requester", "aki"), world.put("/approval/reviewers", []), world.put("/approval/approver", null)], "data": [world.put("/guideline/parameters/legal_bases/across/afterwards", {"calendar": "desk", "within": 1})]},
			"refusals": {"approval-current": {"approval"}, "approval-route": {"approval"}, "sensitive-items-approved": {"s1.helped", "s1.stage"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
