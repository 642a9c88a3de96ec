package sekisho.controls

import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: An outside recipient has a contract in force
# description: >-
#   A recipient inside the organisation, the public, or one whose contract runs today, is handled inside the country, and allows no subcontracting but what was agreed in writing.
# custom:
#   control: recipient-in-contract
granted contains "recipient-in-contract" if _recipient_is_bound

# METADATA
# description: A contract that is missing, over, or lacks one of these.
# custom:
#   control: recipient-in-contract
deny contains {"control": "recipient-in-contract", "on": "recipient", "params": params} if {
	not _recipient_is_bound
	params := {"recipient": guideline.stated_recipient}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: recipient-in-contract
unspecified["recipient-in-contract"] := {"recipient": ""}

_recipient_is_bound if guideline.needs_no_contract

_recipient_is_bound if {
	guideline.needs_a_contract
	dates.has_begun(guideline.recipient.contract.from)
	dates.is_not_over(guideline.recipient.contract.to)
	guideline.recipient.contract.place == "JP"
	_subcontracting_is_settled
}

_subcontracting_is_settled if guideline.recipient.contract.subcontracting == "none"

_subcontracting_is_settled if {
	guideline.recipient.contract.subcontracting == "agreed"
	shapes.is_name(guideline.recipient.contract.consent)
}
