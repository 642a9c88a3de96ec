package sekisho.controls

import data.sekisho.lib.approvals
import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import data.sekisho.lib.terms
import future.keywords.not

# METADATA
# title: The approval is in force
# description: >-
#   The approval is in a state that the action is for. To run a query under it or to sign it, it must not have
#   expired, end with its fiscal year, and the guideline must still be the one it was made for. One for the next fiscal
#   year can be signed in season, and used from 1 April.
# custom:
#   control: approval-current
granted contains "approval-current" if approvals.is_none_given

granted contains "approval-current" if _approval_is_current

# METADATA
# description: An approval that is revoked, rejected, withdrawn, undecided, over, or of another guideline.
# custom:
#   control: approval-current
deny contains {"control": "approval-current", "on": "approval", "params": {"approval": approvals.name}} if {
	is_object(input.approval)
	not _approval_is_current
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: approval-current
unspecified["approval-current"] := {"approval": ""}

_states := {
	"query": {"granted"},
	"approval.sign": {"requested"},
	"approval.preview": {"requested", "granted"},
	"approval.reject": {"requested"},
	"approval.return": {"requested"},
	"approval.recall": {"requested"},
	"approval.resubmit": {"returned", "recalled"},
	"approval.revoke": {"granted"},
	"approval.acknowledge": {"granted"},
	"approval.withdraw": {"requested", "returned", "recalled"},
}

_approval_is_current if {
	input.approval.state in _states[input.action]
	_may_be_outdated
}

_approval_is_current if {
	_is_in_a_state_for_it
	dates.is_not_over(input.approval.expires_at)
	_has_begun_or_is_prepared
	_ends_with_its_year
	shapes.is_name(input.approval.guideline_version)
	input.approval.guideline_version == input.guideline_version
}

_is_in_a_state_for_it if input.approval.state in _states[input.action]

_is_in_a_state_for_it if approvals.is_ahead

# What has run out or was made for an earlier guideline can still be put aside, be drafted anew or be looked at.
_may_be_outdated if {
	input.action in {
		"approval.reject", "approval.return", "approval.recall",
		"approval.resubmit", "approval.revoke", "approval.withdraw", "approval.acknowledge",
	}
}

_has_begun_or_is_prepared if dates.has_begun(input.approval.starts_on)

# What is for the next fiscal year may be decided before that begins, and is not used before.
_has_begun_or_is_prepared if {
	input.action == "approval.sign"
	terms.is_prepared(input.approval.starts_on)
}

_ends_with_its_year if terms.is_of_one_year(input.approval.starts_on, input.approval.expires_at)

# A purpose without an end does not stop with the fiscal year, and neither do its approvals.
_ends_with_its_year if {
	is_null(guideline.purpose.valid_to)
	input.approval.starts_on <= input.approval.expires_at
}
