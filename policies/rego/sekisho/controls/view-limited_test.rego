package sekisho.controls_test

import data.sekisho.world_test as world

test_view_limited[note] if {
	some note, each in {
		"grants: what the annex lists": {
			"case": world.plain("carry_out"),
			"refusals": {},
		},
		"grants: fewer items": {
			"case": world.asked("carry_out", [world.put("/ticket/look_ups/0/columns", ["name"])]),
			"refusals": {},
		},
		"grants: whether the person may still be shown": {
			"case": world.plain("look_at"),
			"refusals": {},
		},
		"grants: the register alone": {
			"case": world.asked("carry_out", [world.drop("/ticket/look_ups/1")]),
			"refusals": {},
		},
		"grants: fewer items of a protected person, for cleared staff": {
			"case": world.asked("carry_out", [world.put("/principal/dv_cleared", true), world.put("/ticket/look_ups/0/leave_out", ["suspended"]), world.put("/ticket/look_ups/0/alert", null), world.put("/ticket/look_ups/0/reduced", {"address-protected": ["name", "born"]})]),
			"refusals": {},
		},
		"grants: cleared staff may leave them out all the same": {
			"case": world.asked("carry_out", [world.put("/principal/dv_cleared", true)]),
			"refusals": {},
		},
		"refuses another item": {
			"case": world.asked("carry_out", [world.put("/ticket/look_ups/0/columns", ["name", "level"])]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses another dataset": {
			"case": world.asked("carry_out", [world.put("/ticket/look_ups/1/dataset", "c.log")]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses the second place alone": {
			"case": world.asked("carry_out", [world.drop("/ticket/look_ups/0")]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses one dataset twice": {
			"case": world.asked("carry_out", [world.put("/ticket/look_ups/1", {"dataset": "a.person", "columns": ["name"], "among": "a.member", "leave_out": ["address-protected", "suspended"], "reduced": {}, "alert": "address-protected"})]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses no dataset": {
			"case": world.asked("look_at", [world.put("/ticket/look_ups", [])]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses to find others than the annex says": {
			"case": world.asked("carry_out", [world.put("/ticket/look_ups/0/among", null)]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses to pass over a set": {
			"case": world.asked("carry_out", [world.put("/ticket/look_ups/0/leave_out", ["address-protected"])]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses to pass over protected persons without clearance": {
			"case": world.asked("carry_out", [world.put("/ticket/look_ups/0/leave_out", ["suspended"]), world.put("/ticket/look_ups/0/alert", null), world.put("/ticket/look_ups/0/reduced", {"address-protected": ["name"]})]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses to show protected persons whole": {
			"case": world.asked("carry_out", [world.put("/principal/dv_cleared", true), world.put("/ticket/look_ups/0/leave_out", ["suspended"]), world.put("/ticket/look_ups/0/alert", null)]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses an item too many of a protected person": {
			"case": world.asked("carry_out", [world.put("/principal/dv_cleared", true), world.put("/ticket/look_ups/0/leave_out", ["suspended"]), world.put("/ticket/look_ups/0/alert", null), world.put("/ticket/look_ups/0/reduced", {"address-protected": ["name", "address"]})]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses to show suspended persons, by few items, too": {
			"case": world.asked("carry_out", [world.put("/principal/dv_cleared", true), world.put("/ticket/look_ups/0/leave_out", ["address-protected"]), world.put("/ticket/look_ups/0/reduced", {"suspended": ["name"]})]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses a reduction of a set that nobody leaves out": {
			"case": world.asked("carry_out", [world.put("/principal/dv_cleared", true), world.put("/ticket/look_ups/1/reduced", {"suspended": ["badge"]})]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses to tell nobody": {
			"case": world.asked("carry_out", [world.put("/ticket/look_ups/0/alert", null)]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses to tell of another set": {
			"case": world.asked("carry_out", [world.put("/ticket/look_ups/0/alert", "suspended")]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses to tell of a set that is shown": {
			"case": world.asked("carry_out", [world.put("/principal/dv_cleared", true), world.put("/ticket/look_ups/0/leave_out", ["suspended"]), world.put("/ticket/look_ups/0/reduced", {"address-protected": ["name"]})]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
		"refuses what is not written as it must be: a reduction": {
			"case": world.asked("carry_out", [world.put("/ticket/look_ups/0/reduced", {"address-protected": "name"})]),
			"refusals": {"protection-current": {""}, "request-well-formed": {"ticket"}, "view-limited": {"ticket.look_ups"}},
		},
		"refuses what is not written as it must be: a dataset": {
			"case": world.asked("carry_out", [world.put("/ticket/look_ups/1/dataset", "")]),
			"refusals": {"protection-current": {""}, "request-well-formed": {"ticket"}, "view-limited": {"ticket.look_ups"}},
		},
		"refuses a guideline without an annex": {
			"case": world.given("carry_out", [world.drop("/guideline/parameters/reidentification/view")]),
			"refusals": {"view-limited": {"ticket.look_ups"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
