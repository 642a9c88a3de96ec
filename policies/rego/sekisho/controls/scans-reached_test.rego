package sekisho.controls_test

import data.sekisho.world_test as world

test_scans_reached[note] if {
	some note, each in {
		"grants: household, bridge and attribute": {"case": world.plain("rows"), "refusals": {}},
		"grants: own rows below a household": {
			"case": world.asked("rows", [world.put("/query/scopes/0/inputs/-", "s3")]),
			"refusals": {},
		},
		"refuses a scan that is not reached: s1": {
			"case": world.asked("rows", [world.put("/query/scans/0/role", "unreached")]),
			"refusals": {"scans-reached": {"s1"}},
		},
		"refuses a scan that is not reached: s3": {
			"case": world.asked("rows", [world.put("/query/scans/2/role", "unreached")]),
			"refusals": {"scans-reached": {"s3"}},
		},
		"refuses a scan that is not reached: s4": {
			"case": world.asked("rows", [world.put("/query/scans/3/role", "unreached")]),
			"refusals": {"scans-reached": {"s4"}},
		},
		"refuses a household without the scan that has its key: unreached": {
			"case": world.asked("rows", [world.put("/query/scans/1/role", "unreached")]),
			"refusals": {"scans-reached": {"s1", "s2"}},
		},
		"refuses a household outside its scope: a scope with a row each person": {
			"case": world.asked("rows", [world.put("/query/scopes/0/grain", "subject")]),
			"refusals": {"scans-reached": {"s1", "s2"}},
		},
		"refuses a scan that stands nowhere: in no scope": {
			"case": world.asked("rows", [world.put("/query/scopes/1/inputs", ["s3"])]),
			"refusals": {"scans-reached": {"s4"}},
		},
		"refuses a cohort that is read within: an inner scope": {
			"case": world.asked("rows", [world.put("/query/scopes/1/inputs/-", "s5")]),
			"refusals": {"scans-reached": {"s5"}},
		},
		"refuses a bridge that nothing declares: no dataset bridges": {
			"case": world.given("rows", [world.put("/catalogue/datasets/c.roll/bridge", false)]),
			"refusals": {"scans-reached": {"s4"}},
		},
		"refuses an attribute without the subjects key: of another kind of key": {
			"case": world.asked("rows", [world.put("/query/scans/3/role", "attribute")]),
			"refusals": {"scans-reached": {"s4"}},
		},
		"grants: groups of one row a person": {
			"case": world.asked("groups", [
				world.put("/query/scopes/0/inputs", ["q1"]),
				world.put("/query/scopes/-", _below("q1", ["s1", "s2"])),
			]),
			"refusals": {},
		},
		"grants: groups of one row a person, two scopes below": {
			"case": world.asked("groups", [
				world.put("/query/scopes/0/inputs", ["q2"]),
				world.put("/query/scopes/-", _below("q2", ["q1"])),
				world.put("/query/scopes/-", _below("q1", ["s1", "s2"])),
			]),
			"refusals": {},
		},
		"refuses a cohort that is read within: a scope that the answer is not made of": {
			"case": world.asked("groups", [
				world.put("/query/scopes/0/inputs", ["s2"]),
				world.put("/query/scopes/-", _below("q1", ["s1"])),
			]),
			"refusals": {"scans-reached": {"s1"}},
		},
		"grants: what stands in the household, in groups counted in households": {
			"case": world.asked("groups", [
				world.put("/query/scans/0/columns/-", {"column": "home_id", "usages": ["count_distinct"]}),
				world.put("/query/scans/1/dataset", "a.person"),
				world.put("/query/scans/1/columns", [{"column": "home_id", "usages": ["join"]}]),
				world.put("/query/scans/1/role", "household"),
				world.put("/query/output/columns/2/origins", []),
			]),
			"refusals": {},
		},
	}
	world.refusals(each.case) == each.refusals
}

_below(name, inputs) := {"id": name, "inputs": inputs, "grain": "subject", "keys": [], "aggregates": []}
