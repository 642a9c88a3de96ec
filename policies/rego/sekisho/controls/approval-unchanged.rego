package sekisho.controls

import data.sekisho.lib.approvals
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The approved text is the text that runs
# description: The digest of the approved template is the digest of the query.
# custom:
#   control: approval-unchanged
granted contains "approval-unchanged" if approvals.is_none_given

granted contains "approval-unchanged" if _text_is_unchanged

# METADATA
# description: A query other than the approved one.
# custom:
#   control: approval-unchanged
deny contains {"control": "approval-unchanged", "on": "query.sql_digest", "params": {"approval": approvals.name}} if {
	is_object(input.approval)
	not _text_is_unchanged
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: approval-unchanged
unspecified["approval-unchanged"] := {"approval": ""}

_text_is_unchanged if {
	shapes.is_name(input.approval.sql_digest)
	shapes.is_name(input.query.sql_digest)
	input.approval.sql_digest == input.query.sql_digest
}
