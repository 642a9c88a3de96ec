package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The purpose was assessed
# description: >-
#   The impact assessment of the purpose is named in the register.
# custom:
#   control: impact-assessed
granted contains "impact-assessed" if _purpose_is_assessed

# METADATA
# description: No impact assessment.
# custom:
#   control: impact-assessed
deny contains {"control": "impact-assessed", "on": "purpose", "params": params} if {
	not _purpose_is_assessed
	params := {"purpose": guideline.stated_purpose}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: impact-assessed
unspecified["impact-assessed"] := {"purpose": ""}

_purpose_is_assessed if shapes.is_name(guideline.purpose.pia)
