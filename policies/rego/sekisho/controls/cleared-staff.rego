package sekisho.controls

import future.keywords.not

# METADATA
# title: Cleared staff alone
# description: >-
#   The account has the mark of those who may handle persons under protection.
# custom:
#   control: cleared-staff
granted contains "cleared-staff" if _is_cleared_staff

# METADATA
# description: An account without the mark.
# custom:
#   control: cleared-staff
deny contains {"control": "cleared-staff", "on": "principal.dv_cleared", "params": {}} if {
	not _is_cleared_staff
}

_is_cleared_staff if input.principal.dv_cleared == true
