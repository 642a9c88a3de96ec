package sekisho.controls_test

import data.sekisho.world_test as world

test_approved_afterwards[note] if {
	some note, each in {
		"grants: nothing was used ahead": {
			"case": {"of": "rows"},
			"refusals": {},
		},
		"grants: groups": {
			"case": {"of": "groups"},
			"refusals": {},
		},
		"grants: on the last day for the decision": {
			"case": {"of": "rows", "request": [world.put("/ahead", [{"approval": "ap-9", "since": "2023-09-28"}])]},
			"refusals": {},
		},
		"grants: over days on which nobody works": {
			"case": {"of": "rows", "request": [world.put("/ahead", [{"approval": "ap-9", "since": "2023-09-29"}])]},
			"refusals": {},
		},
		"grants: what was not used is withdrawn": {
			"case": {"of": "withdraw", "request": [world.put("/ahead", [{"approval": "ap-9", "since": "2023-09-01"}])]},
			"refusals": {},
		},
		"refuses what is late: a day after the last": {
			"case": {"of": "rows", "request": [world.put("/ahead", [{"approval": "ap-9", "since": "2023-09-27"}])]},
			"refusals": {"approved-afterwards": {"ahead"}},
		},
		"refuses what is late: for every question": {
			"case": {"of": "groups", "request": [world.put("/ahead", [{"approval": "ap-9", "since": "2023-09-27"}])]},
			"refusals": {"approved-afterwards": {"ahead"}},
		},
		"refuses what is late: one of two": {
			"case": {"of": "rows", "request": [world.put("/ahead", [{"approval": "ap-8", "since": "2023-09-29"}, {"approval": "ap-9", "since": "2023-09-04"}])]},
			"refusals": {"approved-afterwards": {"ahead"}},
		},
		"refuses what cannot be counted: a day to come": {
			"case": {"of": "rows", "request": [world.put("/ahead", [{"approval": "ap-9", "since": "2023-10-02"}])]},
			"refusals": {"approved-afterwards": {"ahead"}},
		},
		"refuses what cannot be counted: no such calendar": {
			"case": {"of": "rows", "request": [world.put("/ahead", [{"approval": "ap-9", "since": "2023-09-29"}])], "data": [world.put("/guideline/parameters/legal_bases/alarm/afterwards/calendar", "moon")]},
			"refusals": {"approved-afterwards": {"ahead"}},
		},
		"refuses what cannot be counted: no term": {
			"case": {"of": "rows", "request": [world.put("/ahead", [{"approval": "ap-9", "since": "2023-09-29"}])], "data": [world.drop("/guideline/parameters/legal_bases/alarm")]},
			"refusals": {"approved-afterwards": {"ahead"}},
		},
		"refuses to withdraw what was used": {
			"case": {"of": "withdraw", "request": [world.put("/ahead", [{"approval": "ap-1", "since": "2023-09-29"}])]},
			"refusals": {"approved-afterwards": {"approval"}},
		},
		"refuses what is no list: absent": {
			"case": {"of": "rows", "request": [world.drop("/ahead")]},
			"refusals": {"request-well-formed": {"ahead"}, "approved-afterwards": {""}},
		},
		"refuses what is no list: a word": {
			"case": {"of": "rows", "request": [world.put("/ahead", "none")]},
			"refusals": {"request-well-formed": {"ahead"}, "approved-afterwards": {""}},
		},
		"refuses what is no list: of something else": {
			"case": {"of": "rows", "request": [world.put("/ahead", [{"approval": "ap-9"}])]},
			"refusals": {"request-well-formed": {"ahead"}, "approved-afterwards": {"ahead"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
