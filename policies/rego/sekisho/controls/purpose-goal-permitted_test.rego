package sekisho.controls_test

import data.sekisho.world_test as world

test_purpose_goal_permitted[note] if {
	some note, each in {
		"grants: another goal of the list": {"case": world.given("rows", [world.put("/guideline/purposes/care/goal", "counting")]), "refusals": {}},
		"refuses a goal that is not listed: unknown": {"case": world.given("rows", [world.put("/guideline/purposes/care/goal", "curiosity")]), "refusals": {"purpose-goal-permitted": {"purpose"}}},
		"refuses a goal that is not listed: none": {"case": world.given("rows", [world.drop("/guideline/purposes/care/goal")]), "refusals": {"purpose-goal-permitted": {"purpose"}, "purpose-goal-not-prohibited": {"purpose"}}},
		"refuses a goal that is not listed: empty": {"case": world.given("rows", [world.put("/guideline/purposes/care/goal", "")]), "refusals": {"purpose-goal-permitted": {"purpose"}, "purpose-goal-not-prohibited": {"purpose"}}},
		"refuses a goal that is not listed: no list": {"case": world.given("rows", [world.drop("/guideline/parameters/permitted_goals")]), "refusals": {"purpose-goal-permitted": {"purpose"}}},
		"refuses a goal that is not listed: an empty list": {"case": world.given("request", [world.put("/guideline/parameters/permitted_goals", [])]), "refusals": {"purpose-goal-permitted": {"purpose"}}},
	}
	world.refusals(each.case) == each.refusals
}
