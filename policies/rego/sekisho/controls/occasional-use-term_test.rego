package sekisho.controls_test

import data.sekisho.world_test as world

test_occasional_use_term[note] if {
	some note, each in {
		"grants: as many days as are allowed": {
			"case": world.plain("once"),
			"refusals": {},
		},
		"grants: one day": {
			"case": world.asked("once", [world.put("/occasional/starts_on", "2023-10-01"), world.put("/occasional/expires_at", "2023-10-01")]),
			"refusals": {},
		},
		"grants: another basis has its own term": {
			"case": world.plain("rows"),
			"refusals": {},
		},
		"grants: until the fiscal year ends": {
			"case": world.asked("once", [world.put("/occasional/starts_on", "2024-01-02"), world.put("/occasional/expires_at", "2024-03-31")]),
			"refusals": {},
		},
		"refuses what is too long: a day more": {
			"case": world.asked("once", [world.put("/occasional/expires_at", "2023-11-30")]),
			"refusals": {"occasional-use-term": {"occasional.expires_at"}},
		},
		"refuses what is too long: a draft": {
			"case": world.asked("request", [
				world.put("/basis", "across"), world.put("/occasional", {
					"reason": 30,
					"harm": 20,
					"starts_on": "2023-10-01",
					"expires_at": "2023-12-30",
					"uses": [],
				}),
				world.put("/occasional/expires_at", "2023-12-30"),
			]),
			"refusals": {"occasional-use-term": {"occasional.expires_at"}},
		},
		"refuses what is too long: to be signed": {
			"case": world.asked("decide", [
				world.put("/basis", "across"), world.put("/occasional", {
					"reason": 30,
					"harm": 20,
					"starts_on": "2023-10-01",
					"expires_at": "2023-12-30",
					"uses": [],
				}),
				world.put("/approval/basis", "across"), world.put("/approval/starts_on", "2023-10-01"), world.put("/approval/expires_at", "2023-12-29"), world.put("/occasional/expires_at", "2023-12-30"),
			]),
			"refusals": {"occasional-use-term": {"occasional.expires_at"}},
		},
		"refuses what is too long: beyond the fiscal year": {
			"case": world.asked("once", [world.put("/occasional/starts_on", "2024-03-31"), world.put("/occasional/expires_at", "2024-04-01")]),
			"refusals": {"occasional-use-term": {"occasional.expires_at"}},
		},
		"refuses what is too long: for a purpose that outlives the year": {
			"case": {"of": "once", "request": [world.put("/occasional/starts_on", "2024-03-01"), world.put("/occasional/expires_at", "2024-04-02")], "data": [world.put("/guideline/purposes/care/valid_to", null)]},
			"refusals": {"occasional-use-term": {"occasional.expires_at"}},
		},
		"refuses what cannot be told: the end before the beginning": {
			"case": world.asked("once", [world.put("/occasional/expires_at", "2023-08-31")]),
			"refusals": {"occasional-use-term": {"occasional.expires_at"}},
		},
		"refuses what cannot be told: no date": {
			"case": world.asked("once", [world.put("/occasional/expires_at", "2023-11-31")]),
			"refusals": {"request-well-formed": {"occasional"}, "occasional-use-reasoned": {""}, "occasional-use-term": {"occasional.expires_at"}, "occasional-use-not-repeated": {""}},
		},
		"refuses a kind without its days: absent": {
			"case": world.given("once", [world.drop("/guideline/parameters/legal_bases/across/max_days")]),
			"refusals": {"occasional-use-term": {""}},
		},
		"refuses a kind without its days: a word": {
			"case": world.given("once", [world.put("/guideline/parameters/legal_bases/across/max_days", "90")]),
			"refusals": {"occasional-use-term": {"occasional.expires_at"}},
		},
		"refuses a kind without its days: none": {
			"case": world.given("once", [world.put("/guideline/parameters/legal_bases/across/max_days", 0)]),
			"refusals": {"occasional-use-term": {"occasional.expires_at"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
