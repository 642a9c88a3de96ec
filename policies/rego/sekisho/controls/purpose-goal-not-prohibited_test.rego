package sekisho.controls_test

import data.sekisho.world_test as world

test_purpose_goal_not_prohibited[note] if {
	some note, each in {
		"grants: several prohibited goals that are not this": {"case": world.given("rows", [world.put("/guideline/parameters/prohibited_goals", ["punish", "collect"])]), "refusals": {}},
		"refuses a prohibited goal: though it is listed as permitted": {"case": world.given("rows", [world.put("/guideline/purposes/care/goal", "punish"), world.put("/guideline/parameters/permitted_goals", ["punish"])]), "refusals": {"purpose-goal-not-prohibited": {"purpose"}}},
		"refuses a prohibited goal: the last of several": {"case": world.given("rows", [world.put("/guideline/purposes/care/goal", "help"), world.put("/guideline/parameters/prohibited_goals", ["punish", "help"])]), "refusals": {"purpose-goal-not-prohibited": {"purpose"}}},
		"refuses where nothing is prohibited: empty": {"case": world.given("rows", [world.put("/guideline/parameters/prohibited_goals", [])]), "refusals": {"purpose-goal-not-prohibited": {"purpose"}}},
		"refuses where nothing is prohibited: absent": {"case": world.given("rows", [world.drop("/guideline/parameters/prohibited_goals")]), "refusals": {"purpose-goal-not-prohibited": {"purpose"}}},
		"refuses where nothing is prohibited: a text": {"case": world.given("rows", [world.put("/guideline/parameters/prohibited_goals", "punish")]), "refusals": {"purpose-goal-not-prohibited": {"purpose"}}},
		"refuses where nothing is prohibited: no texts": {"case": world.given("rows", [world.put("/guideline/parameters/prohibited_goals", [1])]), "refusals": {"purpose-goal-not-prohibited": {"purpose"}}},
	}
	world.refusals(each.case) == each.refusals
}
