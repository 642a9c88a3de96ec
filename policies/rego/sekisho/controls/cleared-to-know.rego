package sekisho.controls

import future.keywords.not

# METADATA
# title: Only cleared staff learn whether somebody is protected
# description: The account may see persons who are protected.
# custom:
#   control: cleared-to-know
granted contains "cleared-to-know" if _may_know_of_protection

# METADATA
# description: The account may not, or whether it may is not known.
# custom:
#   control: cleared-to-know
deny contains {"control": "cleared-to-know", "on": "principal.dv_cleared", "params": {}} if {
	not _may_know_of_protection
}

_may_know_of_protection if input.principal.dv_cleared == true
