package sekisho.controls

import data.sekisho.lib.dates
import data.sekisho.lib.facts
import data.sekisho.lib.occasional
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: An occasional use is not repeated
# description: >-
#   No dataset is used for the same purpose on more days than the guideline lets be occasional, by any approvals, within
#   the time that counts. It concerns bases of occasional use alone.
# custom:
#   control: occasional-use-not-repeated
granted contains "occasional-use-not-repeated" if occasional.is_other_basis

granted contains "occasional-use-not-repeated" if {
	_repeats_can_be_counted
	every scan in facts.scans { _is_still_occasional(scan.dataset) }
}

# METADATA
# description: A dataset that was used as often already.
# custom:
#   control: occasional-use-not-repeated
deny contains {"control": "occasional-use-not-repeated", "on": scan.dataset, "params": params} if {
	not occasional.is_other_basis
	_repeats_can_be_counted
	some scan in facts.scans
	not _is_still_occasional(scan.dataset)
	params := {
		"dataset": scan.dataset,
		"times": occasional.terms.repeats.uses,
		"days": occasional.terms.repeats.within_days,
	}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: occasional-use-not-repeated
unspecified["occasional-use-not-repeated"] := {"dataset": "", "times": 0, "days": 0}

_repeats_can_be_counted if {
	facts.readable
	occasional.is_well_formed
	dates.is_date(dates.today)
	shapes.is_name(input.purpose)
	shapes.is_whole(occasional.terms.repeats.uses, 1)
	shapes.is_whole(occasional.terms.repeats.within_days, 1)
}

_is_still_occasional(dataset) if count(occasional.earlier_uses(dataset)) < occasional.terms.repeats.uses
