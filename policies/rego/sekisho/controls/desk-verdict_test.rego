package sekisho.controls_test

import data.sekisho.world_test as world

test_desk_verdict[note] if {
	some note, each in {
		"grants: no support, on papers": {
			"case": world.plain("judge_papers"),
			"refusals": {},
		},
		"grants: any verdict of somebody who was drawn": {
			"case": world.asked("judge_papers", [world.put("/assessment/verdict", "support"), world.put("/assessment/drawn", true), world.put("/assessment/wish_missing", 9)]),
			"refusals": {},
		},
		"grants: a step that gives no verdict": {
			"case": world.plain("meet"),
			"refusals": {},
		},
		"refuses support on papers": {
			"case": world.asked("judge_papers", [world.put("/assessment/verdict", "support"), world.put("/assessment/wish", 9)]),
			"refusals": {"desk-verdict": {"assessment.verdict"}},
		},
		"refuses an unknown verdict, drawn or not": {
			"case": world.asked("judge_papers", [world.put("/assessment/verdict", "blame"), world.put("/assessment/drawn", true)]),
			"refusals": {"desk-verdict": {"assessment.verdict"}, "judged-by-people": {"assessment.verdict"}, "wish-heard": {"assessment.wish"}},
		},
		"refuses a guideline that does not say": {
			"case": world.given("judge_papers", [world.drop("/guideline/parameters/reidentification/verdicts/none/desk")]),
			"refusals": {"desk-verdict": {"assessment.verdict"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
