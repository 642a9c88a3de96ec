package sekisho.controls_test

import data.sekisho.world_test as world

test_purpose_renewable[note] if {
	some note, each in {
		"grants: from the day that the guideline names": {
			"case": {"of": "renew", "data": [], "request": []},
			"refusals": {},
		},
		"grants: on the last day of the year": {
			"case": {"of": "renew", "data": [], "request": [world.put("/time", "2024-03-31T23:59:59+09:00")]},
			"refusals": {},
		},
		"grants: a review of the same day": {
			"case": {"of": "renew", "data": [], "request": [world.put("/renewal/reviewed_on", "2024-02-01")]},
			"refusals": {},
		},
		"refuses out of season: the day before": {
			"case": {"of": "renew", "data": [], "request": [world.put("/time", "2024-01-31T09:00:00+09:00")]},
			"refusals": {"purpose-renewable": {"season"}},
		},
		"refuses out of season: another year": {
			"case": {"of": "renew", "data": [], "request": [world.put("/renewal/from", "2025-04-01"), world.put("/renewal/to", "2026-03-31"), world.put("/renewal/reviewed_on", "2024-12-01")]},
			"refusals": {"purpose-renewable": {"season"}},
		},
		"refuses out of season: another day than 1 April": {
			"case": {"of": "renew", "data": [], "request": [world.put("/renewal/from", "2024-04-02")]},
			"refusals": {"purpose-renewable": {"season"}},
		},
		"refuses out of season: no day is named": {
			"case": {"of": "renew", "data": [world.drop("/guideline/parameters/renewals_from")], "request": []},
			"refusals": {"purpose-renewable": {"season"}},
		},
		"refuses without a review: none": {
			"case": {"of": "renew", "data": [], "request": [world.put("/renewal/reviewed_on", null), world.put("/renewal/reviewed_by", null)]},
			"refusals": {"purpose-renewable": {"review", "person"}},
		},
		"refuses without a review: too long ago": {
			"case": {"of": "renew", "data": [], "request": [world.put("/renewal/reviewed_on", "2023-03-31")]},
			"refusals": {"purpose-renewable": {"review"}},
		},
		"refuses whoever reviewed it": {
			"case": {"of": "renew", "data": [], "request": [world.put("/renewal/reviewed_by", "boss")]},
			"refusals": {"purpose-renewable": {"person"}},
		},
		"refuses another purpose": {
			"case": {"of": "renew", "data": [], "request": [world.put("/renewal/purpose", "tally")]},
			"refusals": {"purpose-renewable": {"purpose"}},
		},
		"refuses a purpose that is suspended": {
			"case": {"of": "renew", "data": [world.put("/guideline/purposes/care/status", "suspended")], "request": []},
			"refusals": {"purpose-renewable": {"purpose"}},
		},
		"refuses a purpose without an end": {
			"case": {"of": "renew", "data": [world.put("/guideline/purposes/care/valid_to", null)], "request": []},
			"refusals": {"purpose-renewable": {"purpose"}},
		},
		"refuses what is no renewal: absent": {
			"case": {"of": "renew", "data": [], "request": [world.put("/renewal", null)]},
			"refusals": {"purpose-renewable": {"purpose", "review", "season", "person"}, "request-well-formed": {"renewal"}},
		},
	}
	world.refusals(each.case) == each.refusals
}
