package sekisho.controls_test

import data.sekisho.world_test as world

test_tickets_by_post[note] if {
	some note, each in {
		"grants: the post that decides": {
			"case": world.plain("tickets_of_all"),
			"refusals": {},
		},
		"grants: the list of their own, to every other": {
			"case": world.plain("tickets"),
			"refusals": {},
		},
		"grants: one of two posts": {
			"case": world.given("tickets_of_all", [world.put("/guideline/parameters/reidentification/decided_by", ["chief", "director"])]),
			"refusals": {},
		},
		"refuses another post": {
			"case": world.asked("tickets_of_all", [world.put("/principal/post", "officer")]),
			"refusals": {"tickets-by-post": {"principal.post"}},
		},
		"refuses who is not known: no post": {
			"case": world.asked("tickets_of_all", [world.put("/principal/post", "")]),
			"refusals": {"identity-verified": {"principal.post"}, "tickets-by-post": {"principal.post"}},
		},
		"refuses who is not known: a list of posts": {
			"case": world.asked("tickets_of_all", [world.put("/principal/post", ["director"])]),
			"refusals": {"identity-verified": {"principal.post"}, "tickets-by-post": {"principal.post"}},
		},
		"refuses a guideline that names no post: absent": {
			"case": world.given("tickets_of_all", [world.drop("/guideline/parameters/reidentification/decided_by")]),
			"refusals": {"tickets-by-post": {"principal.post"}},
		},
		"refuses a guideline that names no post: a word that holds it": {
			"case": world.given("tickets_of_all", [world.put("/guideline/parameters/reidentification/decided_by", "director")]),
			"refusals": {"tickets-by-post": {"principal.post"}},
		},
		"refuses a guideline that names no post: nothing of re-identification": {
			"case": world.given("tickets_of_all", [world.drop("/guideline/parameters/reidentification")]),
			"refusals": {"tickets-by-post": {"principal.post"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
