package sekisho.controls_test

import data.sekisho.world_test as world

test_purpose_reviewed[note] if {
	some note, each in {
		"grants: reviewed on the day on which the term begins": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/reviewed", {"on": "2023-04-01", "by": "rin"})], "request": []},
			"refusals": {},
		},
		"grants: reviewed a year before": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-31", "by": "rin"})], "request": []},
			"refusals": {},
		},
		"grants: a renewal has a review of its own": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2022-04-01"), world.put("/guideline/purposes/care/valid_to", "2023-03-31"), world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-01", "by": "rin"})], "request": [world.put("/renewal", {"purpose": "care", "from": "2023-04-01", "to": "2024-03-31", "reviewed_on": "2023-02-01", "reviewed_by": "rin", "renewed_by": "boss"})]},
			"refusals": {},
		},
		"refuses a term without a review: none": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/reviewed", null)], "request": []},
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a term without a review: absent": {
			"case": {"of": "rows", "data": [world.drop("/guideline/purposes/care/reviewed")], "request": []},
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a term without a review: though it says that it is the first": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/since", "2023-04-01"), world.put("/guideline/purposes/care/reviewed", null)], "request": []},
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a review of nobody: null": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/reviewed", {"on": "2023-03-01", "by": null})], "request": []},
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a review of nobody: empty": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/reviewed", {"on": "2023-03-01", "by": ""})], "request": []},
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a review of another time: too long ago": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-30", "by": "rin"})], "request": []},
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a review of another time: after the term had begun": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/reviewed", {"on": "2023-04-02", "by": "rin"})], "request": []},
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a review of another time: no date": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/reviewed", {"on": "soon", "by": "rin"})], "request": []},
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a renewal that was reviewed too long before": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2022-04-01"), world.put("/guideline/purposes/care/valid_to", "2023-03-31"), world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-01", "by": "rin"})], "request": [world.put("/renewal", {"purpose": "care", "from": "2023-04-01", "to": "2024-03-31", "reviewed_on": "2022-03-30", "reviewed_by": "rin", "renewed_by": "boss"})]},
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
		"refuses a renewal without the day of a review": {
			"case": {"of": "rows", "data": [world.put("/guideline/purposes/care/valid_from", "2022-04-01"), world.put("/guideline/purposes/care/valid_to", "2023-03-31"), world.put("/guideline/purposes/care/reviewed", {"on": "2022-03-01", "by": "rin"})], "request": [world.put("/renewal", {"purpose": "care", "from": "2023-04-01", "to": "2024-03-31", "reviewed_on": null, "reviewed_by": "rin", "renewed_by": "boss"})]},
			"refusals": {"purpose-reviewed": {"purpose"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
