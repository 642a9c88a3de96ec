package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.terms
import future.keywords.not

# METADATA
# title: The purpose is in force
# description: The purpose is active, and today lies in its term or in one for which it was renewed.
# custom:
#   control: purpose-active
granted contains "purpose-active" if _purpose_is_in_force

# METADATA
# description: The purpose is not active, not yet in force or over.
# custom:
#   control: purpose-active
deny contains {"control": "purpose-active", "on": "purpose", "params": params} if {
	not _purpose_is_in_force
	params := {"purpose": guideline.stated_purpose}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: purpose-active
unspecified["purpose-active"] := {"purpose": ""}

_purpose_is_in_force if {
	guideline.purpose.status == "active"
	terms.is_in_force
}
