package sekisho.controls

import data.sekisho.lib.approvals
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The approved text is the text that runs
# description: The digest of the approved template is the digest of the query, and its basis the basis of the request.
# custom:
#   control: approval-unchanged
granted contains "approval-unchanged" if approvals.is_none_given

granted contains "approval-unchanged" if {
	_text_is_unchanged
	_basis_is_unchanged
}

# METADATA
# description: A query other than the approved one.
# custom:
#   control: approval-unchanged
deny contains {"control": "approval-unchanged", "on": "query.sql_digest", "params": {"approval": approvals.name}} if {
	is_object(input.approval)
	not _text_is_unchanged
}

# METADATA
# description: A basis other than the approved one.
# custom:
#   control: approval-unchanged
deny contains {"control": "approval-unchanged", "on": "basis", "params": {"approval": approvals.name}} if {
	is_object(input.approval)
	not _basis_is_unchanged
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: approval-unchanged
unspecified["approval-unchanged"] := {"approval": ""}

# A guideline without kinds of basis has none in either place; whether that will do, legal-basis says.
_basis_is_unchanged if {
	shapes.is_name_or_null(input.basis)
	input.approval.basis == input.basis
}

_text_is_unchanged if {
	shapes.is_name(input.approval.sql_digest)
	shapes.is_name(input.query.sql_digest)
	input.approval.sql_digest == input.query.sql_digest
}
