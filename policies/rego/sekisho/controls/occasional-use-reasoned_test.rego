package sekisho.controls_test

import data.sekisho.world_test as world

test_occasional_use_reasoned[note] if {
	some note, each in {
		"grants: as many characters as are asked for": {
			"case": world.plain("once"),
			"refusals": {},
		},
		"grants: another basis asks for none": {
			"case": world.plain("rows"),
			"refusals": {},
		},
		"grants: a draft": {
			"case": world.asked("request", [world.put("/basis", "across"), world.put("/occasional", {
				"reason": 30,
				"harm": 20,
				"starts_on": "2023-10-01",
				"expires_at": "2023-12-29",
				"uses": [],
			})]),
			"refusals": {},
		},
		"grants: the decision by the chief": {
			"case": world.asked("decide", [
				world.put("/basis", "across"), world.put("/occasional", {
					"reason": 30,
					"harm": 20,
					"starts_on": "2023-10-01",
					"expires_at": "2023-12-29",
					"uses": [],
				}),
				world.put("/approval/basis", "across"), world.put("/approval/starts_on", "2023-10-01"), world.put("/approval/expires_at", "2023-12-29"),
			]),
			"refusals": {},
		},
		"refuses what is too short: a reason": {
			"case": world.asked("once", [world.put("/occasional/reason", 29)]),
			"refusals": {"occasional-use-reasoned": {"occasional.reason"}},
		},
		"refuses what is too short: the check of harm": {
			"case": world.asked("once", [world.put("/occasional/harm", 19)]),
			"refusals": {"occasional-use-reasoned": {"occasional.harm"}},
		},
		"refuses what is too short: for a draft": {
			"case": world.asked("request", [
				world.put("/basis", "across"), world.put("/occasional", {
					"reason": 30,
					"harm": 0,
					"starts_on": "2023-10-01",
					"expires_at": "2023-12-29",
					"uses": [],
				}),
				world.put("/occasional/harm", 0),
			]),
			"refusals": {"occasional-use-reasoned": {"occasional.harm"}},
		},
		"refuses what is too short: to be signed": {
			"case": world.asked("decide", [
				world.put("/basis", "across"), world.put("/occasional", {
					"reason": 0,
					"harm": 20,
					"starts_on": "2023-10-01",
					"expires_at": "2023-12-29",
					"uses": [],
				}),
				world.put("/approval/basis", "across"), world.put("/approval/starts_on", "2023-10-01"), world.put("/approval/expires_at", "2023-12-29"), world.put("/occasional/reason", 0),
			]),
			"refusals": {"occasional-use-reasoned": {"occasional.reason"}},
		},
		"refuses what is not told: nothing": {
			"case": world.asked("once", [world.put("/occasional", null)]),
			"refusals": {"occasional-use-reasoned": {"occasional.harm", "occasional.reason"}, "occasional-use-term": {"occasional.expires_at"}, "occasional-use-not-repeated": {""}},
		},
		"refuses what is not told: absent": {
			"case": world.asked("once", [world.drop("/occasional")]),
			"refusals": {"request-well-formed": {"occasional"}, "occasional-use-reasoned": {"occasional.harm", "occasional.reason"}, "occasional-use-term": {"occasional.expires_at"}, "occasional-use-not-repeated": {""}},
		},
		"refuses what is not told: a part": {
			"case": world.asked("once", [world.drop("/occasional/harm")]),
			"refusals": {"request-well-formed": {"occasional"}, "occasional-use-reasoned": {"occasional.harm"}, "occasional-use-term": {"occasional.expires_at"}, "occasional-use-not-repeated": {""}},
		},
		"refuses what is no number: the text": {
			"case": world.asked("once", [world.put("/occasional/reason", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]),
			"refusals": {"request-well-formed": {"occasional"}, "occasional-use-reasoned": {"occasional.reason"}, "occasional-use-term": {"occasional.expires_at"}, "occasional-use-not-repeated": {""}},
		},
		"refuses what is no number: a fraction": {
			"case": world.asked("once", [world.put("/occasional/reason", 30.5)]),
			"refusals": {"request-well-formed": {"occasional"}, "occasional-use-reasoned": {"occasional.reason"}, "occasional-use-term": {"occasional.expires_at"}, "occasional-use-not-repeated": {""}},
		},
		"refuses a guideline that asks for none: absent": {
			"case": world.given("once", [world.drop("/guideline/parameters/occasional_use")]),
			"refusals": {"occasional-use-reasoned": {""}, "occasional-use-not-repeated": {""}},
		},
		"refuses a guideline that asks for none: zero": {
			"case": world.given("once", [world.put("/guideline/parameters/occasional_use/least_characters/reason", 0)]),
			"refusals": {"occasional-use-reasoned": {"occasional.reason"}},
		},
		"refuses a guideline that asks for none: a word": {
			"case": world.given("once", [world.put("/guideline/parameters/occasional_use/least_characters/harm", "20")]),
			"refusals": {"occasional-use-reasoned": {"occasional.harm"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
