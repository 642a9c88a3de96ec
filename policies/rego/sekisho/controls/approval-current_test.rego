package sekisho.controls_test

import data.sekisho.world_test as world

test_approval_current[note] if {
	some note, each in {
		"grants: on the last day": {
			"case": {"of": "rows", "data": [], "request": [world.put("/approval/expires_at", "2023-10-01")]},
			"refusals": {},
		},
		"grants: an outdated request is put aside": {
			"case": {"of": "reject", "data": [], "request": [world.put("/approval/expires_at", "2023-09-30"), world.put("/approval/guideline_version", "0")]},
			"refusals": {},
		},
		"grants: an outdated approval is revoked": {
			"case": {"of": "revoke", "data": [], "request": [world.put("/approval/expires_at", "2023-09-30"), world.put("/approval/guideline_version", "0")]},
			"refusals": {},
		},
		"refuses an approval out of force: expired": {
			"case": {"of": "rows", "data": [], "request": [world.put("/approval/expires_at", "2023-09-30")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval out of force: of another guideline": {
			"case": {"of": "rows", "data": [], "request": [world.put("/approval/guideline_version", "0.9-0123456789ab")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval out of force: revoked": {
			"case": {"of": "rows", "data": [], "request": [world.put("/approval/state", "revoked")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval out of force: rejected": {
			"case": {"of": "rows", "data": [], "request": [world.put("/approval/state", "rejected")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval out of force: undecided": {
			"case": {"of": "rows", "data": [], "request": [world.put("/approval/state", "requested")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval out of force: signed after it was granted": {
			"case": {"of": "review", "data": [], "request": [world.put("/approval/state", "granted")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval out of force: signed after it expired": {
			"case": {"of": "decide", "data": [], "request": [world.put("/approval/expires_at", "2023-09-30")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval out of force: rejected after it was granted": {
			"case": {"of": "reject", "data": [], "request": [world.put("/approval/state", "granted")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval out of force: revoked before it was granted": {
			"case": {"of": "revoke", "data": [], "request": [world.put("/approval/state", "requested")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval out of force: revoked twice": {
			"case": {"of": "revoke", "data": [], "request": [world.put("/approval/state", "revoked")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval that does not say: no end": {
			"case": {"of": "rows", "data": [], "request": [world.drop("/approval/expires_at")]},
			"refusals": {"approval-current": {"approval"}, "request-well-formed": {"approval"}},
		},
		"refuses an approval that does not say: an end that is null": {
			"case": {"of": "rows", "data": [], "request": [world.put("/approval/expires_at", null)]},
			"refusals": {"approval-current": {"approval"}, "request-well-formed": {"approval"}},
		},
		"refuses an approval that does not say: an end that is no date": {
			"case": {"of": "rows", "data": [], "request": [world.put("/approval/expires_at", "2024-3-31")]},
			"refusals": {"approval-current": {"approval"}, "request-well-formed": {"approval"}},
		},
		"refuses an approval that does not say: of no guideline": {
			"case": {"of": "rows", "data": [], "request": [world.drop("/approval/guideline_version")]},
			"refusals": {"approval-current": {"approval"}, "request-well-formed": {"approval"}},
		},
		"refuses an approval that does not say: no state": {
			"case": {"of": "rows", "data": [], "request": [world.drop("/approval/state")]},
			"refusals": {"approval-current": {"approval"}, "request-well-formed": {"approval"}},
		},
		"refuses an approval that does not say: an unknown state": {
			"case": {"of": "rows", "data": [], "request": [world.put("/approval/state", "zzz")]},
			"refusals": {"approval-current": {"approval"}, "request-well-formed": {"approval"}},
		},
		"grants: on the first day": {
			"case": {"of": "rows", "data": [], "request": [world.put("/approval/starts_on", "2023-10-01")]},
			"refusals": {},
		},
		"refuses an approval before its first day": {
			"case": {"of": "rows", "data": [], "request": [world.put("/approval/starts_on", "2023-10-02")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval beyond its fiscal year": {
			"case": {"of": "rows", "data": [], "request": [world.put("/approval/expires_at", "2024-04-01")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses an approval without a first day": {
			"case": {"of": "rows", "data": [], "request": [world.drop("/approval/starts_on")]},
			"refusals": {"approval-current": {"approval"}, "request-well-formed": {"approval"}},
		},
		"grants: a purpose without an end is not bound to the fiscal year": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_to", null)], "request": [world.put("/approval/expires_at", "2024-09-30")]},
			"refusals": {},
		},
		"refuses an approval that ends before it begins, with a purpose without an end": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_to", null)], "request": [world.put("/approval/starts_on", "2023-10-01"), world.put("/approval/expires_at", "2023-09-30")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"grants: the next fiscal year is decided from the day that the guideline names": {
			"case": {"of": "decide", "data": [], "request": [world.put("/time", "2024-02-01T09:00:00+09:00"), world.put("/approval/starts_on", "2024-04-01"), world.put("/approval/expires_at", "2025-03-31")]},
			"refusals": {},
		},
		"refuses to decide the next fiscal year: the day before": {
			"case": {"of": "decide", "data": [], "request": [world.put("/time", "2024-01-31T09:00:00+09:00"), world.put("/approval/starts_on", "2024-04-01"), world.put("/approval/expires_at", "2025-03-31")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses to decide the next fiscal year: another day than 1 April": {
			"case": {"of": "decide", "data": [], "request": [world.put("/time", "2024-02-01T09:00:00+09:00"), world.put("/approval/starts_on", "2024-04-01"), world.put("/approval/expires_at", "2025-03-31"), world.put("/approval/starts_on", "2024-04-02")]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses to decide the next fiscal year: no day is named": {
			"case": {"of": "decide", "data": [world.drop("/guideline/parameters/renewals_from")], "request": [world.put("/time", "2024-02-01T09:00:00+09:00"), world.put("/approval/starts_on", "2024-04-01"), world.put("/approval/expires_at", "2025-03-31")]},
			"refusals": {"approval-current": {"approval"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_approval_current_names_the_approval if {
	case := world.asked("rows", [world.put("/approval/expires_at", "2023-09-30")])
	world.answer(case).deny == [{"control": "approval-current", "on": "approval", "params": {"approval": "ap-1"}}]
}

test_approval_current_with_a_basis[note] if {
	some note, each in {
		"refuses ahead of the decision what has expired": {
			"case": {"of": "rows", "request": [world.put("/basis", "alarm"), world.put("/approval/basis", "alarm"), world.put("/approval/state", "requested"), world.put("/approval/requester", "aki"), world.put("/approval/reviewers", []), world.put("/approval/approver", null), world.put("/approval/expires_at", "2023-09-30")], "data": [world.put("/guideline/purposes/care/bases", ["in_purpose", "alarm", "consent"])]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses ahead of the decision what is of another guideline": {
			"case": {"of": "rows", "request": [world.put("/basis", "alarm"), world.put("/approval/basis", "alarm"), world.put("/approval/state", "requested"), world.put("/approval/requester", "aki"), world.put("/approval/reviewers", []), world.put("/approval/approver", null), world.put("/approval/guideline_version", "0.9-0123456789ab")], "data": [world.put("/guideline/purposes/care/bases", ["in_purpose", "alarm", "consent"])]},
			"refusals": {"approval-current": {"approval"}},
		},
		"refuses ahead of the decision what was sent back": {
			"case": {"of": "rows", "request": [world.put("/basis", "alarm"), world.put("/approval/basis", "alarm"), world.put("/approval/state", "requested"), world.put("/approval/requester", "aki"), world.put("/approval/reviewers", []), world.put("/approval/approver", null), world.put("/approval/state", "returned")], "data": [world.put("/guideline/purposes/care/bases", ["in_purpose", "alarm", "consent"])]},
			"refusals": {"approval-route": {"approval"}, "approval-current": {"approval"}, "sensitive-items-approved": {"s1.helped", "s1.stage"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
