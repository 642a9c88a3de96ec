package sekisho.controls

import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import future.keywords.not

# METADATA
# title: The purpose was reviewed before its term
# description: >-
#   A purpose in its first term, or one that was reviewed within the year before its present term.
# custom:
#   control: purpose-reviewed
granted contains "purpose-reviewed" if _purpose_is_reviewed

# METADATA
# description: A renewed purpose without a review.
# custom:
#   control: purpose-reviewed
deny contains {"control": "purpose-reviewed", "on": "purpose", "params": params} if {
	not _purpose_is_reviewed
	params := {"purpose": guideline.stated_purpose}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: purpose-reviewed
unspecified["purpose-reviewed"] := {"purpose": ""}

_purpose_is_reviewed if {
	dates.is_date(guideline.purpose.since)
	guideline.purpose.since == guideline.purpose.valid_from
}

_purpose_is_reviewed if {
	dates.is_date(guideline.purpose.since)
	dates.is_date(guideline.purpose.valid_from)
	dates.day_number(guideline.purpose.since) < dates.day_number(guideline.purpose.valid_from)
	dates.is_date(guideline.purpose.reviewed_on)
	waited := dates.day_number(guideline.purpose.valid_from) - dates.day_number(guideline.purpose.reviewed_on)
	waited >= 0
	waited <= 366
}
