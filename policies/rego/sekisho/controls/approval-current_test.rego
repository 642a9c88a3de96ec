package sekisho.controls_test

import data.sekisho.world_test as world

test_approval_current[note] if {
	some note, each in {
		"grants: on the last day": {
			"case": world.asked("rows", [world.put("/approval/expires_at", "2023-10-01")]),
			"refusals": {},
		},
		"grants: an outdated request is put aside": {
			"case": world.asked("reject", [
				world.put("/approval/expires_at", "2023-09-30"),
				world.put("/approval/guideline_version", "0"),
			]),
			"refusals": {},
		},
		"refuses an approval out of force: expired": {
			"case": world.asked("rows", [world.put("/approval/expires_at", "2023-09-30")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval out of force: of another guideline": {
			"case": world.asked("rows", [world.put("/approval/guideline_version", "0.9-0123456789ab")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval out of force: revoked": {
			"case": world.asked("rows", [world.put("/approval/state", "revoked")]),
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval that does not say: no end": {
			"case": world.asked("rows", [world.drop("/approval/expires_at")]),
			"refusals": {"approval-current": {"approval"}, "request-well-formed": {"approval"}},
		},
		"refuses an approval that does not say: an end that is null": {
			"case": world.asked("rows", [world.put("/approval/expires_at", null)]),
			"refusals": {"approval-current": {"approval"}, "request-well-formed": {"approval"}},
		},
		"refuses an approval that does not say: an end that is no date": {
			"case": world.asked("rows", [world.put("/approval/expires_at", "2024-3-31")]),
			"refusals": {"approval-current": {"approval"}, "request-well-formed": {"approval"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_approval_current_names_the_approval if {
	case := world.asked("rows", [world.put("/approval/expires_at", "2023-09-30")])
	world.answer(case).deny == [{"control": "approval-current", "on": "approval", "params": {"approval": "ap-1"}}]
}
