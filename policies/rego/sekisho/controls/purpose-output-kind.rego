package sekisho.controls

import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The purpose allows this kind of output
# description: Rows about single persons, or groups, only where the purpose lists them.
# custom:
#   control: purpose-output-kind
granted contains "purpose-output-kind" if _purpose_lists_the_output

# METADATA
# description: A kind of output that the purpose does not list.
# custom:
#   control: purpose-output-kind
deny contains {"control": "purpose-output-kind", "on": "query.output", "params": params} if {
	not _purpose_lists_the_output
	params := {"purpose": guideline.stated_purpose}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: purpose-output-kind
unspecified["purpose-output-kind"] := {"purpose": ""}

_purpose_lists_the_output if {
	input.query.output.kind in facts.output_kinds
	shapes.is_names(guideline.purpose.outputs)
	input.query.output.kind in guideline.purpose.outputs
}
