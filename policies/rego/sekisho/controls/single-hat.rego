package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: One hat at a time
# description: Exactly one role is worn in a request, and the account has it.
# custom:
#   control: single-hat
granted contains "single-hat" if _wears_a_hat_of_its_own

# METADATA
# description: No hat, several, or one that the account does not have.
# custom:
#   control: single-hat
deny contains {"control": "single-hat", "on": "principal.hats", "params": {}} if not _wears_a_hat_of_its_own

_wears_a_hat_of_its_own if {
	shapes.is_names(input.principal.roles)
	guideline.hat in input.principal.roles
}
