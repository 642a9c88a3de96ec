package sekisho.controls

import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import future.keywords.not

# METADATA
# title: The contractor named its staff
# description: >-
#   The list of those who handle the data at an outside recipient has been received, on a day that has come.
# custom:
#   control: contractor-staff-named
granted contains "contractor-staff-named" if _staff_is_named

# METADATA
# description: No list, or one that is announced for later.
# custom:
#   control: contractor-staff-named
deny contains {"control": "contractor-staff-named", "on": "recipient", "params": params} if {
	not _staff_is_named
	params := {"recipient": guideline.stated_recipient}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: contractor-staff-named
unspecified["contractor-staff-named"] := {"recipient": ""}

_staff_is_named if guideline.needs_no_contract

_staff_is_named if {
	guideline.needs_a_contract
	dates.has_begun(guideline.recipient.contract.staff_named_on)
}
