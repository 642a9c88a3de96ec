package sekisho.controls_test

import data.sekisho.world_test as world

test_data_form_declared[note] if {
	some note, each in {
		"grants: of an aggregate": {"case": world.plain("groups"), "refusals": {}},
		"refuses an output without a data form: none is said": {"case": world.given("rows", [world.drop("/guideline/purposes/care/yields")]), "refusals": {"data-form-declared": {"purpose"}, "network-zone": {"zone"}}},
		"refuses an output without a data form: only of another kind": {"case": world.given("rows", [world.put("/guideline/purposes/care/yields", {"aggregate": "tallies"})]), "refusals": {"data-form-declared": {"purpose"}, "network-zone": {"zone"}}},
		"refuses an output without a data form: an unknown one": {"case": world.given("rows", [world.put("/guideline/purposes/care/yields/row_level", "heaps")]), "refusals": {"data-form-declared": {"purpose"}, "network-zone": {"zone"}}},
		"refuses an output without a data form: no forms are known": {"case": world.given("rows", [world.drop("/guideline/parameters/data_forms")]), "refusals": {"data-form-declared": {"purpose"}, "network-zone": {"zone"}}},
		"refuses an output without a data form: a form that says nothing": {"case": world.given("rows", [world.put("/guideline/parameters/data_forms/masked", null)]), "refusals": {"data-form-declared": {"purpose"}, "network-zone": {"zone"}}},
	}
	world.refusals(each.case) == each.refusals
}
