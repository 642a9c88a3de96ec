package sekisho.controls

import data.sekisho.lib.guideline
import future.keywords.not

# METADATA
# title: The answer has a declared data form
# description: The purpose says which data form its kind of output yields, and the guideline knows that form.
# custom:
#   control: data-form-declared
granted contains "data-form-declared" if is_object(guideline.data_form)

# METADATA
# description: A kind of output without a data form.
# custom:
#   control: data-form-declared
deny contains {"control": "data-form-declared", "on": "purpose", "params": params} if {
	not _has_data_form
	params := {"purpose": guideline.stated_purpose}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: data-form-declared
unspecified["data-form-declared"] := {"purpose": ""}

_has_data_form if is_object(guideline.data_form)
