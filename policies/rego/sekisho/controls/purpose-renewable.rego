package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import data.sekisho.lib.terms
import future.keywords.not

# METADATA
# title: The purpose can be renewed
# description: >-
#   For the next fiscal year, not before the day from which that is prepared, after a review within the year before, and
#   by another person than the one who reviewed it.
# custom:
#   control: purpose-renewable
granted contains "purpose-renewable" if _wanted_of_a_renewal - _met_by_the_renewal == set()

# METADATA
# description: "What is missing: the purpose, the season, the review, or a second person."
# custom:
#   control: purpose-renewable
deny contains {"control": "purpose-renewable", "on": part, "params": params} if {
	some part in (_wanted_of_a_renewal - _met_by_the_renewal)
	params := {"purpose": guideline.stated_purpose}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: purpose-renewable
unspecified["purpose-renewable"] := {"purpose": ""}

_wanted_of_a_renewal := {"purpose", "season", "review", "person"}

_met_by_the_renewal contains "purpose" if {
	guideline.purpose.status == "active"
	shapes.is_name(guideline.purpose.valid_to)
	input.renewal.purpose == input.purpose
}

_met_by_the_renewal contains "season" if terms.is_prepared(input.renewal.from)

_met_by_the_renewal contains "review" if {
	terms.is_reviewed({"on": input.renewal.reviewed_on, "by": input.renewal.reviewed_by}, input.renewal.from)
}

_met_by_the_renewal contains "person" if {
	shapes.is_name(input.principal.id)
	shapes.is_name(input.renewal.reviewed_by)
	input.principal.id != input.renewal.reviewed_by
}
