package sekisho.controls

import data.sekisho.lib.dates
import future.keywords.not

# METADATA
# title: The account is in force
# description: The account has a last day, and it has not passed.
# custom:
#   control: account-in-force
granted contains "account-in-force" if _account_is_in_force

# METADATA
# description: An account without a last day, or beyond it.
# custom:
#   control: account-in-force
deny contains {"control": "account-in-force", "on": "principal.valid_until", "params": {}} if {
	not _account_is_in_force
}

_account_is_in_force if dates.is_not_over(input.principal.valid_until)
