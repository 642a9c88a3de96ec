package sekisho.controls_test

import data.sekisho.world_test as world

test_inquiry_in_turn[note] if {
	some note, each in {
		"grants: a sheet, the first": {
			"case": world.plain("send_sheet"),
			"refusals": {},
		},
		"grants: another one once it is answered": {
			"case": world.asked("send_sheet", [world.put("/inquiry/state", "answered")]),
			"refusals": {},
		},
		"grants: another one once its day is past": {
			"case": world.asked("send_sheet", [world.put("/inquiry/state", "sent"), world.put("/inquiry/due", "2023-09-30")]),
			"refusals": {},
		},
		"grants: on the last day": {
			"case": world.asked("answer_sheet", [world.put("/inquiry/due", "2023-10-01")]),
			"refusals": {},
		},
		"grants: whoever sent it looks at it before it is answered": {
			"case": world.asked("read_answer", [world.put("/inquiry/state", "sent")]),
			"refusals": {},
		},
		"refuses a second sheet while one waits": {
			"case": world.asked("send_sheet", [world.put("/inquiry/state", "sent"), world.put("/inquiry/due", "2023-10-01")]),
			"refusals": {"inquiry-in-turn": {"inquiry.state"}},
		},
		"refuses a sheet without a case view": {
			"case": world.asked("send_sheet", [world.put("/inquiry/open", false)]),
			"refusals": {"inquiry-in-turn": {"inquiry.state"}},
		},
		"refuses an answer after its day": {
			"case": world.asked("answer_sheet", [world.put("/inquiry/due", "2023-09-30")]),
			"refusals": {"inquiry-in-turn": {"inquiry.state"}},
		},
		"refuses a second answer": {
			"case": world.asked("answer_sheet", [world.put("/inquiry/state", "answered")]),
			"refusals": {"inquiry-in-turn": {"inquiry.state"}},
		},
		"refuses to read what is answered": {
			"case": world.asked("read_sheet", [world.put("/inquiry/state", "answered")]),
			"refusals": {"inquiry-in-turn": {"inquiry.state"}},
		},
		"refuses to read what was not sent": {
			"case": world.asked("read_answer", [world.put("/inquiry/state", "new")]),
			"refusals": {"inquiry-in-turn": {"inquiry.state"}},
		},
		"refuses an answer to a case that is closed": {
			"case": world.asked("answer_sheet", [world.put("/inquiry/open", false)]),
			"refusals": {"inquiry-in-turn": {"inquiry.state"}},
		},
		"refuses an answer without a day": {
			"case": world.asked("answer_sheet", [world.put("/inquiry/due", null)]),
			"refusals": {"inquiry-in-turn": {"inquiry.state"}},
		},
		"refuses a sheet that waits without a day": {
			"case": world.asked("send_sheet", [world.put("/inquiry/state", "sent")]),
			"refusals": {"inquiry-in-turn": {"inquiry.state"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
