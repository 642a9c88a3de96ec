package sekisho.controls_test

import data.sekisho.world_test as world

test_own_request_grants[note] if {
	some note, each in {
		"grants: the drafter": {
			"case": world.plain("withdraw"),
			"refusals": {},
		},
		"grants: the drafter takes it back": {
			"case": world.plain("recall"),
			"refusals": {},
		},
		"grants: the drafter hands it in again": {
			"case": world.plain("resubmit"),
			"refusals": {},
		},
		"grants: the drafter hands in what was taken back": {
			"case": world.asked("resubmit", [world.put("/approval/state", "recalled")]),
			"refusals": {},
		},
		"grants: the drafter gives up what was sent back": {
			"case": world.asked("withdraw", [world.put("/approval/state", "returned")]),
			"refusals": {},
		},
		"grants: the drafter gives up what was taken back": {
			"case": world.asked("withdraw", [world.put("/approval/state", "recalled")]),
			"refusals": {},
		},
		"grants: hands in again what is outdated": {
			"case": world.asked("resubmit", [
				world.put("/approval/expires_at", "2023-09-30"),
				world.put("/approval/guideline_version", "0.9-0123456789ab"),
				world.put("/approval/sql_digest", "d9"),
			]),
			"refusals": {},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_own_request_refuses[note] if {
	some note, each in {
		"refuses another: who may draft, too": {
			"case": world.asked("withdraw", [world.put("/principal/id", "aki")]),
			"refusals": {"own-request": {"principal.id"}},
		},
		"refuses another: takes it back": {
			"case": world.asked("recall", [world.put("/principal/id", "aki")]),
			"refusals": {"own-request": {"principal.id"}},
		},
		"refuses another: hands it in again": {
			"case": world.asked("resubmit", [world.put("/principal/id", "aki")]),
			"refusals": {"own-request": {"principal.id"}},
		},
		"refuses another: drafted by another": {
			"case": world.asked("withdraw", [world.put("/approval/requester", "aki")]),
			"refusals": {"own-request": {"principal.id"}},
		},
		"refuses who is not known: no requester": {
			"case": world.asked("withdraw", [world.drop("/approval/requester")]),
			"refusals": {"own-request": {"principal.id"}, "request-well-formed": {"approval"}},
		},
		"refuses who is not known: a list of names": {
			"case": world.asked("withdraw", [world.put("/approval/requester", ["ume"])]),
			"refusals": {"own-request": {"principal.id"}, "request-well-formed": {"approval"}},
		},
		"refuses what is decided: granted": {
			"case": world.asked("withdraw", [world.put("/approval/state", "granted")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses what is decided: withdrawn before": {
			"case": world.asked("withdraw", [world.put("/approval/state", "withdrawn")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses what is decided: granted, taken back": {
			"case": world.asked("recall", [world.put("/approval/state", "granted")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses what is not with the drafter: requested": {
			"case": world.asked("resubmit", [world.put("/approval/state", "requested")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses what is not with the drafter: rejected": {
			"case": world.asked("resubmit", [world.put("/approval/state", "rejected")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses what is not with the drafter: granted": {
			"case": world.asked("resubmit", [world.put("/approval/state", "granted")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses what is not with the drafter: withdrawn": {
			"case": world.asked("resubmit", [world.put("/approval/state", "withdrawn")]),
			"refusals": {"approval-current": {"approval"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
