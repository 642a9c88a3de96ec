package sekisho.controls_test

import data.sekisho.world_test as world

test_named_persons_only[note] if {
	some note, each in {
		"grants: a purpose that looks nobody up": {
			"case": {"of": "rows"},
			"refusals": {},
		},
		"grants: a draft of one": {
			"case": {"of": "request"},
			"refusals": {},
		},
		"grants: looked up by the column": {
			"case": {"of": "rows", "request": [world.put("/query/scans/4/columns/-", {"column": "zone", "usages": ["predicate"]})], "data": [world.put("/guideline/purposes/care/looks_up", ["zone"]), world.put("/guideline/allow_list/care/a.person/columns/zone", {"form": "match", "leaves": false})]},
			"refusals": {},
		},
		"grants: looked up by all columns": {
			"case": {"of": "rows", "request": [world.put("/query/scans/4/columns/-", {"column": "zone", "usages": ["predicate"]}), world.put("/query/scans/4/columns/-", {"column": "born", "usages": ["predicate"]})], "data": [world.put("/guideline/purposes/care/looks_up", ["zone", "born"]), world.put("/guideline/allow_list/care/a.person/columns/zone", {"form": "match", "leaves": false}), world.put("/guideline/allow_list/care/a.person/columns/born", {"form": "match", "leaves": false})]},
			"refusals": {},
		},
		"refuses a list: no column is compared": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/looks_up", ["zone"]), world.put("/guideline/allow_list/care/a.person/columns/zone", {"form": "match", "leaves": false})]},
			"refusals": {"named-persons-only": {"s5"}},
		},
		"refuses a list: a draft": {
			"case": {"of": "request", "data": [world.put("/guideline/purposes/care/looks_up", ["zone"]), world.put("/guideline/allow_list/care/a.person/columns/zone", {"form": "match", "leaves": false})]},
			"refusals": {"named-persons-only": {"s5"}},
		},
		"refuses a list: one of two columns": {
			"case": {"of": "rows", "request": [world.put("/query/scans/4/columns/-", {"column": "zone", "usages": ["predicate"]})], "data": [world.put("/guideline/purposes/care/looks_up", ["zone", "born"]), world.put("/guideline/allow_list/care/a.person/columns/zone", {"form": "match", "leaves": false}), world.put("/guideline/allow_list/care/a.person/columns/born", {"form": "match", "leaves": false})]},
			"refusals": {"named-persons-only": {"s5"}},
		},
		"refuses a list: the column is granted in a form that leaves": {
			"case": {"of": "rows", "request": [world.put("/query/scans/4/columns/-", {"column": "zone", "usages": ["predicate"]})], "data": [world.put("/guideline/purposes/care/looks_up", ["zone"])]},
			"refusals": {"named-persons-only": {"s5"}},
		},
		"refuses columns that are none: empty": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/looks_up", [])]},
			"refusals": {"named-persons-only": {""}},
		},
		"refuses columns that are none: a word": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/looks_up", "zone")]},
			"refusals": {"named-persons-only": {""}},
		},
		"refuses columns that are none: numbers": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/looks_up", [1])]},
			"refusals": {"named-persons-only": {""}},
		},
		"refuses where nobody is the subject": {
			"case": {"of": "rows", "request": [world.swap("/query/scans/4/role", "attribute")], "data": [world.put("/guideline/purposes/care/looks_up", ["zone"]), world.put("/guideline/allow_list/care/a.person/columns/zone", {"form": "match", "leaves": false})]},
			"refusals": {"cohort-declared": {"query.scans"}, "address-protected-excluded": {""}, "named-persons-only": {""}, "target-age": {""}, "moved-out-excluded": {""}},
		},
	}
	world.refusals(each.case) == each.refusals
}
