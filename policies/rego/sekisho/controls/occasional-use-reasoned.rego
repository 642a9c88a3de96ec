package sekisho.controls

import data.sekisho.lib.occasional
import future.keywords.not

# METADATA
# title: An occasional use has its reason and its check of harm
# description: >-
#   Why the data are used beyond the registered purposes, and how it was considered that nobody's rights are unjustly
#   harmed, is each written in the length laid down. It concerns bases of occasional use alone.
# custom:
#   control: occasional-use-reasoned
granted contains "occasional-use-reasoned" if occasional.is_other_basis

granted contains "occasional-use-reasoned" if {
	occasional.is_well_formed
	every part in _written_parts { occasional.is_written(part) }
}

# METADATA
# description: A part that is not written, or too short.
# custom:
#   control: occasional-use-reasoned
deny contains {"control": "occasional-use-reasoned", "on": concat(".", ["occasional", part]), "params": params} if {
	not occasional.is_other_basis
	some part in _written_parts
	not occasional.is_written(part)
	params := {"least": occasional.terms.least_characters[part]}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: occasional-use-reasoned
unspecified["occasional-use-reasoned"] := {"least": 0}

_written_parts := {"reason", "harm"}
