package sekisho.controls

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: A person's request is decided after the legal review
# description: Somebody else has looked at whether an answer could do harm; every request takes that way.
# custom:
#   control: legal-review-first
granted contains "legal-review-first" if _was_reviewed

# METADATA
# description: Nobody has, or the person who decides did it alone.
# custom:
#   control: legal-review-first
deny contains {"control": "legal-review-first", "on": "matter.reviewed_by", "params": {}} if {
	not _was_reviewed
}

_was_reviewed if {
	shapes.is_name(input.principal.id)
	shapes.is_name(input.matter.reviewed_by)
	input.matter.reviewed_by != input.principal.id
}
