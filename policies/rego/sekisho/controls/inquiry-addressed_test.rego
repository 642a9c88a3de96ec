package sekisho.controls_test

import data.sekisho.world_test as world

test_inquiry_addressed[note] if {
	some note, each in {
		"grants: one's own case": {
			"case": world.plain("send_sheet"),
			"refusals": {},
		},
		"grants: the answer to whoever asked": {
			"case": world.plain("read_answer"),
			"refusals": {},
		},
		"grants: the body that is asked reads": {
			"case": world.plain("read_sheet"),
			"refusals": {},
		},
		"grants: the body that is asked answers": {
			"case": world.plain("answer_sheet"),
			"refusals": {},
		},
		"refuses to send about another person's case": {
			"case": world.asked("send_sheet", [world.put("/inquiry/holder", "ume")]),
			"refusals": {"inquiry-addressed": {"inquiry.addressee"}},
		},
		"refuses another body": {
			"case": world.asked("read_sheet", [world.put("/inquiry/reader", "6e")]),
			"refusals": {"inquiry-addressed": {"inquiry.addressee"}},
		},
		"refuses an account of no body": {
			"case": world.asked("answer_sheet", [world.put("/inquiry/reader", null)]),
			"refusals": {"inquiry-addressed": {"inquiry.addressee"}},
		},
		"refuses an account of no body where nobody is asked": {
			"case": world.asked("answer_sheet", [world.put("/inquiry/reader", null), world.put("/inquiry/addressee", null)]),
			"refusals": {"inquiry-addressed": {"inquiry.addressee"}},
		},
		"refuses an answer by whoever sent it": {
			"case": world.asked("answer_sheet", [world.put("/inquiry/holder", "ema")]),
			"refusals": {"inquiry-addressed": {"inquiry.addressee"}},
		},
		"refuses the answer to another case worker": {
			"case": world.asked("read_answer", [world.put("/inquiry/holder", "ume")]),
			"refusals": {"inquiry-addressed": {"inquiry.addressee"}, "inquiry-in-turn": {"inquiry.state"}},
		},
		"refuses a body a protected person": {
			"case": world.asked("read_sheet", [world.put("/inquiry/protected", true)]),
			"refusals": {"inquiry-addressed": {"inquiry.addressee"}},
		},
		"refuses a sheet of nobody": {
			"case": world.asked("read_sheet", [world.put("/inquiry/holder", null)]),
			"refusals": {"inquiry-addressed": {"inquiry.addressee"}},
		},
		"refuses who is not known": {
			"case": world.asked("read_sheet", [world.put("/principal/id", "")]),
			"refusals": {"identity-verified": {"principal.id"}, "inquiry-addressed": {"inquiry.addressee"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
