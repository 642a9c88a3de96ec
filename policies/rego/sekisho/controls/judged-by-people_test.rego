package sekisho.controls_test

import data.sekisho.world_test as world

test_judged_by_people[note] if {
	some note, each in {
		"grants: a verdict with a reason": {
			"case": world.asked("end", [world.put("/ticket/reason", 20)]),
			"refusals": {},
		},
		"grants: no support": {
			"case": world.asked("end", [world.put("/ticket/verdict", "none")]),
			"refusals": {},
		},
		"grants: never carried out": {
			"case": world.asked("end", [world.put("/ticket/state", "granted"), world.put("/ticket/verdict", null), world.put("/ticket/reason", 0)]),
			"refusals": {},
		},
		"refuses no verdict": {
			"case": world.asked("end", [world.put("/ticket/verdict", null)]),
			"refusals": {"judged-by-people": {"ticket.verdict"}},
		},
		"refuses a verdict that the guideline does not know": {
			"case": world.asked("end", [world.put("/ticket/verdict", "blame")]),
			"refusals": {"judged-by-people": {"ticket.verdict"}},
		},
		"refuses a reason that is too short": {
			"case": world.asked("end", [world.put("/ticket/reason", 19)]),
			"refusals": {"judged-by-people": {"ticket.verdict"}},
		},
		"refuses a guideline without verdicts": {
			"case": world.given("end", [world.drop("/guideline/parameters/reidentification/verdicts")]),
			"refusals": {"judged-by-people": {"ticket.verdict"}},
		},
		"refuses a guideline without a length": {
			"case": world.given("end", [world.put("/guideline/parameters/reidentification/reason_characters", 0)]),
			"refusals": {"judged-by-people": {"ticket.verdict"}},
		},
		"grants: a verdict on papers": {
			"case": world.asked("judge_papers", [world.put("/assessment/reason", 20)]),
			"refusals": {},
		},
		"grants: the beginning, without a reason": {
			"case": world.asked("judge_papers", [world.put("/assessment/step", "begin"), world.put("/assessment/state", "candidate"), world.put("/assessment/verdict", null), world.put("/assessment/reason", 0)]),
			"refusals": {},
		},
		"grants: a meeting with its reason": {
			"case": world.plain("meet"),
			"refusals": {},
		},
		"refuses a verdict on papers with a reason that is too short": {
			"case": world.asked("judge_papers", [world.put("/assessment/reason", 19)]),
			"refusals": {"judged-by-people": {"assessment.verdict"}},
		},
		"refuses a meeting without a reason": {
			"case": world.asked("meet", [world.put("/assessment/reason", 0)]),
			"refusals": {"judged-by-people": {"assessment.verdict"}},
		},
		"refuses papers without a verdict": {
			"case": world.asked("judge_papers", [world.put("/assessment/verdict", null)]),
			"refusals": {"desk-verdict": {"assessment.verdict"}, "judged-by-people": {"assessment.verdict"}, "wish-heard": {"assessment.wish"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
