package sekisho.controls_test

import data.sekisho.world_test as world

test_network_zone[note] if {
	some note, each in {
		"grants: tallies in the wider network": {"case": world.asked("groups", [world.put("/zone", "office")]), "refusals": {}},
		"refuses another zone: masked rows in the wider network": {"case": world.asked("rows", [world.put("/zone", "office")]), "refusals": {"network-zone": {"zone"}}},
		"refuses another zone: unknown": {"case": world.asked("groups", [world.put("/zone", "home")]), "refusals": {"network-zone": {"zone"}}},
		"refuses another zone: empty": {"case": world.asked("groups", [world.put("/zone", "")]), "refusals": {"request-well-formed": {"zone"}, "network-zone": {"zone"}}},
		"refuses another zone: null": {"case": world.asked("groups", [world.put("/zone", null)]), "refusals": {"request-well-formed": {"zone"}, "network-zone": {"zone"}}},
		"refuses another zone: absent": {"case": world.asked("groups", [world.drop("/zone")]), "refusals": {"request-well-formed": {"zone"}, "network-zone": {"zone"}}},
		"refuses every zone where none is listed: none": {"case": world.given("groups", [world.drop("/guideline/parameters/data_forms/tallies/zones")]), "refusals": {"network-zone": {"zone"}}},
		"refuses every zone where none is listed: empty": {"case": world.given("groups", [world.put("/guideline/parameters/data_forms/tallies/zones", [])]), "refusals": {"network-zone": {"zone"}}},
		"refuses every zone where none is listed: a text": {"case": world.given("groups", [world.put("/guideline/parameters/data_forms/tallies/zones", "office")]), "refusals": {"network-zone": {"zone"}}},
	}
	world.refusals(each.case) == each.refusals
}
