package sekisho.controls

import data.sekisho.lib.guideline
import future.keywords.not

# METADATA
# title: A purpose is stated
# description: The request states a purpose of use, and it is registered.
# custom:
#   control: purpose-stated
granted contains "purpose-stated" if _states_a_purpose

# METADATA
# description: None is stated, or one that is not registered.
# custom:
#   control: purpose-stated
deny contains {"control": "purpose-stated", "on": "purpose", "params": {}} if not _states_a_purpose

_states_a_purpose if is_object(guideline.purpose)
