package sekisho.controls_test

import data.sekisho.world_test as world

test_occasional_use_not_repeated[note] if {
	some note, each in {
		"grants: the second day": {
			"case": world.plain("once"),
			"refusals": {},
		},
		"grants: the first": {
			"case": world.asked("once", [world.put("/occasional/uses", [])]),
			"refusals": {},
		},
		"grants: another basis may be used as often": {
			"case": world.plain("rows"),
			"refusals": {},
		},
		"grants: after a year": {
			"case": world.asked("once", [world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "care", "on": "2022-09-30", "datasets": ["a.person"]}, {"approval": "ap-8", "purpose": "care", "on": "2022-09-30", "datasets": ["a.person"]}])]),
			"refusals": {},
		},
		"grants: of other datasets": {
			"case": world.asked("once", [world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "care", "on": "2023-09-01", "datasets": ["b.guest"]}, {"approval": "ap-7", "purpose": "care", "on": "2023-09-02", "datasets": ["b.guest"]}])]),
			"refusals": {},
		},
		"grants: for other purposes": {
			"case": world.asked("once", [world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "tally", "on": "2023-09-01", "datasets": ["a.person"]}, {"approval": "ap-7", "purpose": "tally", "on": "2023-09-02", "datasets": ["a.person"]}])]),
			"refusals": {},
		},
		"grants: the same approval again today": {
			"case": world.asked("once", [world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "care", "on": "2023-09-30", "datasets": ["a.person"]}, {"approval": "ap-1", "purpose": "care", "on": "2023-10-01", "datasets": ["a.person"]}])]),
			"refusals": {},
		},
		"grants: a draft after one use": {
			"case": world.asked("request", [
				world.put("/basis", "across"), world.put("/occasional", {
					"reason": 30,
					"harm": 20,
					"starts_on": "2023-10-01",
					"expires_at": "2023-12-29",
					"uses": [{"approval": "ap-7", "purpose": "care", "on": "2023-09-30", "datasets": ["a.person"]}],
				}),
				world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "care", "on": "2023-09-30", "datasets": ["a.person"]}]),
			]),
			"refusals": {},
		},
		"refuses the third: two days of one approval": {
			"case": world.asked("once", [world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "care", "on": "2023-09-29", "datasets": ["a.person"]}, {"approval": "ap-7", "purpose": "care", "on": "2023-09-30", "datasets": ["a.person"]}])]),
			"refusals": {"occasional-use-not-repeated": {"a.person"}},
		},
		"refuses the third: two approvals on one day": {
			"case": world.asked("once", [world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "care", "on": "2023-09-30", "datasets": ["a.person"]}, {"approval": "ap-8", "purpose": "care", "on": "2023-09-30", "datasets": ["a.person"]}])]),
			"refusals": {"occasional-use-not-repeated": {"a.person"}},
		},
		"refuses the third: another approval today": {
			"case": world.asked("once", [world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "care", "on": "2023-09-30", "datasets": ["a.person"]}, {"approval": "ap-7", "purpose": "care", "on": "2023-10-01", "datasets": ["a.person"]}])]),
			"refusals": {"occasional-use-not-repeated": {"a.person"}},
		},
		"refuses the third: on the last day that counts": {
			"case": world.asked("once", [world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "care", "on": "2022-10-01", "datasets": ["a.person"]}, {"approval": "ap-7", "purpose": "care", "on": "2023-09-30", "datasets": ["a.person"]}])]),
			"refusals": {"occasional-use-not-repeated": {"a.person"}},
		},
		"refuses the third: one of the datasets": {
			"case": world.asked("once", [world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "care", "on": "2023-09-29", "datasets": ["b.visit", "b.guest"]}, {"approval": "ap-7", "purpose": "care", "on": "2023-09-30", "datasets": ["b.visit"]}])]),
			"refusals": {"occasional-use-not-repeated": {"b.visit"}},
		},
		"refuses the third: a day to come counts": {
			"case": world.asked("once", [world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "care", "on": "2023-10-02", "datasets": ["a.person"]}, {"approval": "ap-7", "purpose": "care", "on": "2023-10-03", "datasets": ["a.person"]}])]),
			"refusals": {"occasional-use-not-repeated": {"a.person"}},
		},
		"refuses the third: a draft": {
			"case": world.asked("request", [
				world.put("/basis", "across"), world.put("/occasional", {
					"reason": 30,
					"harm": 20,
					"starts_on": "2023-10-01",
					"expires_at": "2023-12-29",
					"uses": [{"approval": "ap-7", "purpose": "care", "on": "2023-09-29", "datasets": ["a.person"]}, {"approval": "ap-7", "purpose": "care", "on": "2023-09-30", "datasets": ["a.person"]}],
				}),
				world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "care", "on": "2023-09-29", "datasets": ["a.person"]}, {"approval": "ap-7", "purpose": "care", "on": "2023-09-30", "datasets": ["a.person"]}]),
			]),
			"refusals": {"occasional-use-not-repeated": {"a.person"}},
		},
		"refuses the third: to be signed": {
			"case": world.asked("decide", [
				world.put("/basis", "across"), world.put("/occasional", {
					"reason": 30,
					"harm": 20,
					"starts_on": "2023-10-01",
					"expires_at": "2023-12-29",
					"uses": [{"approval": "ap-7", "purpose": "care", "on": "2023-09-29", "datasets": ["a.person"]}, {"approval": "ap-7", "purpose": "care", "on": "2023-09-30", "datasets": ["a.person"]}],
				}),
				world.put("/approval/basis", "across"), world.put("/approval/starts_on", "2023-10-01"), world.put("/approval/expires_at", "2023-12-29"), world.put("/occasional/uses", [{"approval": "ap-7", "purpose": "care", "on": "2023-09-29", "datasets": ["a.person"]}, {"approval": "ap-7", "purpose": "care", "on": "2023-09-30", "datasets": ["a.person"]}]),
			]),
			"refusals": {"occasional-use-not-repeated": {"a.person"}},
		},
		"refuses what cannot be counted: no list": {
			"case": world.asked("once", [world.put("/occasional/uses", {})]),
			"refusals": {"request-well-formed": {"occasional"}, "occasional-use-reasoned": {""}, "occasional-use-term": {"occasional.expires_at"}, "occasional-use-not-repeated": {""}},
		},
		"refuses what cannot be counted: of something else": {
			"case": world.asked("once", [world.put("/occasional/uses", [{"approval": "ap-7"}])]),
			"refusals": {"request-well-formed": {"occasional"}, "occasional-use-reasoned": {""}, "occasional-use-term": {"occasional.expires_at"}, "occasional-use-not-repeated": {""}},
		},
		"refuses what cannot be counted: no purpose": {
			"case": world.asked("once", [world.put("/purpose", null)]),
			"refusals": {"purpose-stated": {"purpose"}, "purpose-goal-permitted": {"purpose"}, "purpose-goal-not-prohibited": {"purpose"}, "purpose-active": {"purpose"}, "impact-assessed": {"purpose"}, "purpose-notice": {"purpose"}, "purpose-reviewed": {"purpose"}, "legal-basis": {"basis"}, "occasional-use-not-repeated": {""}, "purpose-output-kind": {"query.output"}, "data-form-declared": {"purpose"}, "network-zone": {"zone"}, "pseudonym-domain-declared": {"recipient"}, "purpose-allow-list": {"s1", "s2", "s3", "s4", "s5"}, "named-persons-only": {""}, "approval-route": {"approval"}},
		},
		"refuses a guideline without the number: of uses": {
			"case": world.given("once", [world.drop("/guideline/parameters/occasional_use/repeats/uses")]),
			"refusals": {"occasional-use-not-repeated": {""}},
		},
		"refuses a guideline without the number: of days": {
			"case": world.given("once", [world.drop("/guideline/parameters/occasional_use/repeats/within_days")]),
			"refusals": {"occasional-use-not-repeated": {""}},
		},
		"refuses a guideline without the number: a word": {
			"case": world.given("once", [world.put("/guideline/parameters/occasional_use/repeats/uses", "2")]),
			"refusals": {"occasional-use-not-repeated": {""}},
		},
	}
	world.refusals(each.case) == each.refusals
}
