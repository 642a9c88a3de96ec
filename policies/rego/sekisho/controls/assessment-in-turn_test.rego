package sekisho.controls_test

import data.sekisho.world_test as world

test_assessment_in_turn[note] if {
	some note, each in {
		"grants: a verdict on papers that somebody looks at": {
			"case": world.plain("judge_papers"),
			"refusals": {},
		},
		"grants: a meeting about one's own case": {
			"case": world.plain("meet"),
			"refusals": {},
		},
		"grants: the beginning": {
			"case": world.asked("judge_papers", [world.put("/assessment/step", "begin"), world.put("/assessment/state", "candidate"), world.put("/assessment/verdict", null)]),
			"refusals": {},
		},
		"grants: a consultation after a meeting": {
			"case": world.asked("meet", [world.put("/assessment/step", "consult"), world.put("/assessment/state", "case_meeting")]),
			"refusals": {},
		},
		"grants: another look at what people ended": {
			"case": world.asked("judge_papers", [world.put("/assessment/step", "reopen"), world.put("/assessment/state", "closed"), world.put("/assessment/ending", "not_pursued"), world.put("/assessment/verdict", null)]),
			"refusals": {},
		},
		"refuses a verdict before anybody looked": {
			"case": world.asked("judge_papers", [world.put("/assessment/state", "candidate")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses a verdict on papers of somebody who was identified": {
			"case": world.asked("judge_papers", [world.put("/assessment/state", "case_open")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"grants: papers anew, where nobody has the case view": {
			"case": world.asked("judge_papers", [world.put("/assessment/step", "begin"), world.put("/assessment/state", "case_open"), world.put("/assessment/verdict", null)]),
			"refusals": {},
		},
		"refuses papers anew beside a case view": {
			"case": world.asked("meet", [world.put("/assessment/step", "begin")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses a verdict on papers beside a case view": {
			"case": world.asked("judge_papers", [world.put("/assessment/holder", "nao")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses to begin twice": {
			"case": world.asked("judge_papers", [world.put("/assessment/step", "begin"), world.put("/assessment/verdict", null)]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses a meeting about another person's case": {
			"case": world.asked("meet", [world.put("/assessment/holder", "ume")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses a meeting about nobody's case": {
			"case": world.asked("meet", [world.put("/assessment/holder", null)]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses a meeting about somebody unidentified": {
			"case": world.asked("meet", [world.put("/assessment/state", "desk_review")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses two meetings in a row": {
			"case": world.asked("meet", [world.put("/assessment/state", "case_meeting")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses two consultations in a row": {
			"case": world.asked("meet", [world.put("/assessment/step", "consult"), world.put("/assessment/state", "consulted")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses what has to be settled first": {
			"case": world.asked("judge_papers", [world.put("/assessment/unsettled", true)]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses a candidate that there is not": {
			"case": world.asked("judge_papers", [world.put("/assessment/state", "none")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses another look at what has ended by itself": {
			"case": world.asked("judge_papers", [world.put("/assessment/step", "reopen"), world.put("/assessment/state", "closed"), world.put("/assessment/ending", "rekeyed"), world.put("/assessment/verdict", null)]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses another look at what is open": {
			"case": world.asked("judge_papers", [world.put("/assessment/step", "reopen"), world.put("/assessment/ending", "assessed"), world.put("/assessment/verdict", null)]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses a verdict on what has ended": {
			"case": world.asked("judge_papers", [world.put("/assessment/ending", "assessed")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses a meeting on what has ended": {
			"case": world.asked("meet", [world.put("/assessment/ending", "assessed")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}},
		},
		"refuses an account without a name": {
			"case": world.asked("meet", [world.put("/principal/id", ""), world.put("/assessment/holder", "")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}, "identity-verified": {"principal.id"}, "request-well-formed": {"assessment"}},
		},
		"refuses a step that is not known": {
			"case": world.asked("judge_papers", [world.put("/assessment/step", "guess")]),
			"refusals": {"assessment-in-turn": {"assessment.step"}, "judged-by-people": {"assessment.verdict"}, "request-well-formed": {"assessment"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
