package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The contract has its clauses
# description: >-
#   Every clause that the guideline asks for stands in the contract of an outside recipient.
# custom:
#   control: contract-clauses-complete
granted contains "contract-clauses-complete" if _clauses_are_complete

# METADATA
# description: A clause that is missing, or no list of clauses.
# custom:
#   control: contract-clauses-complete
deny contains {"control": "contract-clauses-complete", "on": "recipient", "params": params} if {
	not _clauses_are_complete
	params := {"recipient": guideline.stated_recipient}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: contract-clauses-complete
unspecified["contract-clauses-complete"] := {"recipient": ""}

_clauses_are_complete if guideline.needs_no_contract

_clauses_are_complete if {
	guideline.needs_a_contract
	shapes.is_names(guideline.parameters.contract_clauses)
	shapes.is_names(guideline.recipient.contract.clauses)
	wanted := {clause | some clause in guideline.parameters.contract_clauses}
	wanted - {clause | some clause in guideline.recipient.contract.clauses} == set()
}
