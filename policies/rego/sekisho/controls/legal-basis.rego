package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The legal basis is one of the purpose
# description: >-
#   The request rests on a kind of basis that the guideline knows and the register of purposes admits for its purpose.
# custom:
#   control: legal-basis
granted contains "legal-basis" if _basis_is_admitted

# METADATA
# description: Another basis, or none.
# custom:
#   control: legal-basis
deny contains {"control": "legal-basis", "on": "basis", "params": params} if {
	not _basis_is_admitted
	params := {"purpose": guideline.stated_purpose}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: legal-basis
unspecified["legal-basis"] := {"purpose": ""}

_basis_is_admitted if {
	shapes.is_name(input.basis)
	shapes.is_names(guideline.purpose.bases)
	input.basis in guideline.purpose.bases
	is_object(guideline.basis)
}
