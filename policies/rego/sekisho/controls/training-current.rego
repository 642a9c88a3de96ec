package sekisho.controls

import data.sekisho.lib.dates
import future.keywords.not

# METADATA
# title: The person is trained and under oath
# description: The oath of secrecy is filed, and the yearly training still counts.
# custom:
#   control: training-current
granted contains "training-current" if _wanted_of_staff - _settled_of_staff == set()

# METADATA
# description: Each of the two that is lacking.
# custom:
#   control: training-current
deny contains {"control": "training-current", "on": concat(".", ["principal", part]), "params": {}} if {
	some part in (_wanted_of_staff - _settled_of_staff)
}

_wanted_of_staff := {"oath", "training_until"}

_settled_of_staff contains "oath" if input.principal.oath == true

_settled_of_staff contains "training_until" if dates.is_not_over(input.principal.training_until)
