package sekisho.controls_test

import data.sekisho.world_test as world

test_purpose_active[note] if {
	some note, each in {
		"grants: the last day": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_to", "2023-10-01")], "request": []},
			"refusals": {},
		},
		"grants: the first day": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2023-10-01"), world.put("/guideline/purposes/care/reviewed", {"on": "2023-09-01", "by": "rin"})], "request": []},
			"refusals": {},
		},
		"grants: no last day": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_to", null)], "request": []},
			"refusals": {},
		},
		"refuses a purpose out of force: suspended": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/status", "suspended")], "request": []},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose out of force: status absent": {
			"case": {"of": "rows", "data": [world.drop("/guideline/purposes/care/status")], "request": []},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose out of force: not yet": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2023-10-02"), world.put("/guideline/purposes/care/reviewed", {"on": "2023-09-01", "by": "rin"})], "request": []},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose out of force: over": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_to", "2023-09-30")], "request": []},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose out of force: last day absent": {
			"case": {"of": "rows", "data": [world.drop("/guideline/purposes/care/valid_to")], "request": []},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose out of force: last day empty": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_to", "")], "request": []},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose out of force: first day absent": {
			"case": {"of": "rows", "data": [world.drop("/guideline/purposes/care/valid_from")], "request": []},
			"refusals": {"purpose-active": {"purpose"}, "purpose-reviewed": {"purpose"}},
		},
		"grants: over, and renewed": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2022-04-01"), world.put("/guideline/purposes/care/valid_to", "2023-03-31"), world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-01", "by": "rin"})], "request": [world.put("/renewal", {"purpose": "care", "from": "2023-04-01", "to": "2024-03-31", "reviewed_on": "2023-02-01", "reviewed_by": "rin", "renewed_by": "boss"})]},
			"refusals": {},
		},
		"refuses a purpose that is over and not renewed: of another purpose": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2022-04-01"), world.put("/guideline/purposes/care/valid_to", "2023-03-31"), world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-01", "by": "rin"})], "request": [world.put("/renewal", {"purpose": "tally", "from": "2023-04-01", "to": "2024-03-31", "reviewed_on": "2023-02-01", "reviewed_by": "rin", "renewed_by": "boss"})]},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose that is over and not renewed: whoever reviewed it decided": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2022-04-01"), world.put("/guideline/purposes/care/valid_to", "2023-03-31"), world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-01", "by": "rin"})], "request": [world.put("/renewal", {"purpose": "care", "from": "2023-04-01", "to": "2024-03-31", "reviewed_on": "2023-02-01", "reviewed_by": "rin", "renewed_by": "rin"})]},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose that is over and not renewed: nobody decided": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2022-04-01"), world.put("/guideline/purposes/care/valid_to", "2023-03-31"), world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-01", "by": "rin"})], "request": [world.put("/renewal", {"purpose": "care", "from": "2023-04-01", "to": "2024-03-31", "reviewed_on": "2023-02-01", "reviewed_by": "rin", "renewed_by": null})]},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose that is over and not renewed: nobody reviewed it": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2022-04-01"), world.put("/guideline/purposes/care/valid_to", "2023-03-31"), world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-01", "by": "rin"})], "request": [world.put("/renewal", {"purpose": "care", "from": "2023-04-01", "to": "2024-03-31", "reviewed_on": "2023-02-01", "reviewed_by": null, "renewed_by": "boss"})]},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose that is over and not renewed: for the next year": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2022-04-01"), world.put("/guideline/purposes/care/valid_to", "2023-03-31"), world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-01", "by": "rin"})], "request": [world.put("/renewal", {"purpose": "care", "from": "2024-04-01", "to": "2025-03-31", "reviewed_on": "2023-02-01", "reviewed_by": "rin", "renewed_by": "boss"})]},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose that is over and not renewed: for the year before": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2022-04-01"), world.put("/guideline/purposes/care/valid_to", "2023-03-31"), world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-01", "by": "rin"})], "request": [world.put("/renewal", {"purpose": "care", "from": "2022-04-01", "to": "2023-03-31", "reviewed_on": "2023-02-01", "reviewed_by": "rin", "renewed_by": "boss"})]},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a purpose that is over and not renewed: no renewal": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2022-04-01"), world.put("/guideline/purposes/care/valid_to", "2023-03-31"), world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-01", "by": "rin"})], "request": []},
			"refusals": {"purpose-active": {"purpose"}},
		},
		"refuses a renewal beyond the fiscal year": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2022-04-01"), world.put("/guideline/purposes/care/valid_to", "2023-03-31"), world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-01", "by": "rin"})], "request": [world.put("/renewal", {"purpose": "care", "from": "2023-04-01", "to": "2024-04-01", "reviewed_on": "2023-02-01", "reviewed_by": "rin", "renewed_by": "boss"})]},
			"refusals": {"purpose-active": {"purpose"}, "request-well-formed": {"renewal"}},
		},
		"refuses a term beyond the fiscal year": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_to", "2024-04-01")], "request": []},
			"refusals": {"purpose-active": {"purpose"}},
		},
	}
	world.refusals(each.case) == each.refusals
}

test_purpose_active_names_the_purpose if {
	case := world.given("rows", [world.put("/guideline/purposes/care/status", "closed")])
	world.answer(case).deny == [{"control": "purpose-active", "on": "purpose", "params": {"purpose": "care"}}]
}
