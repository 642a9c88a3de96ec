package sekisho.controls

import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The contractor was inspected
# description: >-
#   An outside recipient was inspected within the days that the guideline allows, and not in the future.
# custom:
#   control: contractor-inspected
granted contains "contractor-inspected" if _is_inspected

# METADATA
# description: An inspection that is too long ago, or none.
# custom:
#   control: contractor-inspected
deny contains {"control": "contractor-inspected", "on": "recipient", "params": params} if {
	not _is_inspected
	params := {"recipient": guideline.stated_recipient}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: contractor-inspected
unspecified["contractor-inspected"] := {"recipient": ""}

_is_inspected if guideline.needs_no_contract

_is_inspected if {
	guideline.needs_a_contract
	day := guideline.recipient.contract.inspected_on
	dates.has_begun(day)
	longest := guideline.parameters.inspection_max_days
	shapes.is_whole(longest, 1)
	dates.day_number(dates.today) - dates.day_number(day) <= longest
}
