package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.terms
import future.keywords.not

# METADATA
# title: The purpose was reviewed before its term
# description: >-
#   A named person reviewed the purpose within the year before its present term; before the first, assessed it.
# custom:
#   control: purpose-reviewed
granted contains "purpose-reviewed" if _purpose_is_reviewed

# METADATA
# description: No review, one of nobody, or one that is too old or of a day in the term.
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

_purpose_is_reviewed if terms.is_reviewed(terms.present.review, terms.present.from)
