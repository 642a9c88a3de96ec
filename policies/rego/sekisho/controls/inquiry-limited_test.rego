package sekisho.controls_test

import data.sekisho.world_test as world

test_inquiry_limited[note] if {
	some note, each in {
		"grants: listed items and questions": {
			"case": world.plain("send_sheet"),
			"refusals": {},
		},
		"grants: fewer of both": {
			"case": world.asked("send_sheet", [world.put("/inquiry/items", {"a.person": ["name"]}), world.put("/inquiry/questions", ["talks"])]),
			"refusals": {},
		},
		"refuses an item that is not listed": {
			"case": world.asked("send_sheet", [world.put("/inquiry/items", {"a.person": ["name", "zone"]})]),
			"refusals": {"inquiry-limited": {"inquiry.items"}},
		},
		"refuses a dataset that is not listed": {
			"case": world.asked("send_sheet", [world.put("/inquiry/items", {"b.visit": ["stage"]})]),
			"refusals": {"inquiry-limited": {"inquiry.items"}},
		},
		"refuses a sheet that names nobody": {
			"case": world.asked("send_sheet", [world.put("/inquiry/items", {})]),
			"refusals": {"inquiry-limited": {"inquiry.items"}},
		},
		"refuses a question that is not listed": {
			"case": world.asked("send_sheet", [world.put("/inquiry/questions", ["income"])]),
			"refusals": {"inquiry-limited": {"inquiry.items"}},
		},
		"refuses no question": {
			"case": world.asked("send_sheet", [world.put("/inquiry/questions", [])]),
			"refusals": {"inquiry-limited": {"inquiry.items"}},
		},
		"refuses too many questions": {
			"case": world.asked("send_sheet", [world.put("/inquiry/questions", ["mood", "days", "talks"])]),
			"refusals": {"inquiry-limited": {"inquiry.items"}},
		},
		"refuses a question twice": {
			"case": world.asked("send_sheet", [world.put("/inquiry/questions", ["mood", "mood"])]),
			"refusals": {"inquiry-limited": {"inquiry.items"}},
		},
		"refuses a protected person": {
			"case": world.asked("send_sheet", [world.put("/inquiry/protected", true)]),
			"refusals": {"inquiry-limited": {"inquiry.items"}},
		},
		"refuses a case that names no body": {
			"case": world.asked("send_sheet", [world.put("/inquiry/addressee", null)]),
			"refusals": {"inquiry-limited": {"inquiry.items"}},
		},
		"refuses a guideline without inquiries": {
			"case": world.given("send_sheet", [world.drop("/guideline/parameters/inquiries")]),
			"refusals": {"inquiry-limited": {"inquiry.items"}},
		},
		"refuses a guideline without a number": {
			"case": world.given("send_sheet", [world.drop("/guideline/parameters/inquiries/questions_at_most")]),
			"refusals": {"inquiry-limited": {"inquiry.items"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
