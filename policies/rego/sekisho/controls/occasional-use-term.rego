package sekisho.controls

import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import data.sekisho.lib.occasional
import data.sekisho.lib.shapes
import data.sekisho.lib.terms
import future.keywords.not

# METADATA
# title: An occasional use has a short term
# description: >-
#   It counts for as many days as the kind of basis allows at most, and never beyond the fiscal year, whatever its
#   purpose does. It concerns bases of occasional use alone.
# custom:
#   control: occasional-use-term
granted contains "occasional-use-term" if occasional.is_other_basis

granted contains "occasional-use-term" if _is_short

# METADATA
# description: A longer term, or one that cannot be told.
# custom:
#   control: occasional-use-term
deny contains {"control": "occasional-use-term", "on": "occasional.expires_at", "params": params} if {
	not occasional.is_other_basis
	not _is_short
	params := {"days": guideline.basis.max_days}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: occasional-use-term
unspecified["occasional-use-term"] := {"days": 0}

_is_short if {
	occasional.is_well_formed
	shapes.is_whole(guideline.basis.max_days, 1)
	terms.is_of_one_year(input.occasional.starts_on, input.occasional.expires_at)
	dates.day_number(input.occasional.expires_at) - dates.day_number(input.occasional.starts_on) < guideline.basis.max_days
}
