# METADATA
# title: The decision
# description: >-
#   Whether a request may be done, under which controls, why not, and under which obligations. Allow means that every
#   control which the action requires has positively granted; reasons explain, and never decide alone.
package sekisho

import data.sekisho.controls
import data.sekisho.lib.guideline
import data.sekisho.obligations
import future.keywords.not

# METADATA
# title: Decision
# description: The only document that is asked for. The default is what an action without requirements gets.
# entrypoint: true
# scope: document
default decision := {
	"allow": false,
	"required": ["request-well-formed"],
	"granted_under": [],
	"deny": [{"control": "request-well-formed", "on": "action", "params": {}}],
	"obligations": null,
}

decision := {
	"allow": true,
	"required": sort(_required),
	"granted_under": sort(_required & controls.granted),
	"deny": [],
	"obligations": _obligations,
} if {
	_is_granted
}

decision := {
	"allow": false,
	"required": sort(_required),
	"granted_under": sort(_required - _refusing),
	"deny": _reasons,
	"obligations": null,
} if {
	count(_required) > 0
	not _is_granted
}

_is_granted if {
	count(_required) > 0
	_required - controls.granted == set()
	count(_refusing) == 0
	guideline.is_in_force
	_is_complete
}

# A rule that is not yet in force, or no longer, is not asked for.
_required := {control |
	some control in data.guideline.requirements[input.action]
	is_string(control)
	not guideline.is_out_of_force(control)
}

# A control that both grants and gives a reason contradicts itself; it is taken as refusing.
_refusing := (_required - controls.granted) | {reason.control |
	some reason in controls.deny
	reason.control in _required
}

default _obligations := null

_obligations := obligations.query if _is_obliged

_is_obliged if input.action in {"query", "approval.preview"}

_is_complete if not _is_obliged

_is_complete if is_object(_obligations)

_reasons := _in_order if count(_refusing) > 0

_reasons := [_incomplete] if count(_refusing) == 0

_incomplete := {"control": "request-well-formed", "on": _what_is_missing, "params": {}}

_what_is_missing := "obligations" if guideline.is_in_force

_what_is_missing := "time" if not guideline.is_in_force

_in_order := [reason |
	some control in _order
	control in _refusing
	some reason in sort(_reasons_of(control))
]

# The order in which reasons are shown: who asks, what statutes forbid, the purpose, the role, items, people, output.
_order := array.concat(_known, sort(_required - {control | some control in _known}))

_known := [
	"request-well-formed",
	"identity-verified",
	"account-in-force",
	"training-current",
	"single-hat",
	"roles-compatible",
	"releases-not-stopped",
	"my-number-prohibited",
	"tax-origin-prohibited",
	"address-protected-excluded",
	"suspended-excluded",
	"protection-current",
	"purpose-stated",
	"purpose-goal-permitted",
	"purpose-goal-not-prohibited",
	"purpose-active",
	"impact-assessed",
	"purpose-notice",
	"purpose-reviewed",
	"purpose-renewable",
	"legal-basis",
	"occasional-use-organs",
	"occasional-use-reasoned",
	"occasional-use-term",
	"occasional-use-not-repeated",
	"purpose-output-kind",
	"data-form-declared",
	"network-zone",
	"recipient-in-contract",
	"contract-clauses-complete",
	"contractor-inspected",
	"contractor-staff-named",
	"provision-packaged",
	"pseudonym-domain-declared",
	"action-matrix",
	"ticket-role",
	"ticket-purpose",
	"guideline-approved",
	"own-department",
	"classes-confirmed",
	"purpose-allow-list",
	"evidence-noted",
	"identifier-never-leaves",
	"identifier-pseudonymised",
	"no-free-text",
	"minimal-form",
	"sensitive-items-approved",
	"sensitive-items-reduced",
	"cohort-declared",
	"named-persons-only",
	"scans-reached",
	"one-row-per-subject",
	"target-age",
	"moved-out-excluded",
	"smallest-group",
	"sources-fresh",
	"approval-route",
	"approval-current",
	"approval-unchanged",
	"approved-afterwards",
	"separation-of-duties",
	"second-person",
	"cleared-to-know",
	"legal-review-first",
	"erasure-not-held",
	"own-request",
	"on-the-route",
	"decider-absent",
	"later-look-in-time",
	"later-look-by-decider",
	"absence-recorded",
	"protected-list-cleared",
	"package-in-turn",
	"package-checked",
	"package-groups-safe",
	"package-reviewed",
	"proposal-in-turn",
	"proposal-checked",
	"proposal-reviewed",
	"own-ticket",
	"ticket-decider",
	"tickets-by-post",
	"ticket-in-state",
	"emergency-decided",
	"ticket-reasoned",
	"ticket-cap",
	"view-limited",
	"capacity-decider",
	"capacity-approved",
	"inquiry-addressed",
	"inquiry-in-turn",
	"inquiry-limited",
	"assessment-in-turn",
	"desk-verdict",
	"judged-by-people",
	"wish-heard",
	"cleared-staff",
	"incident-in-turn",
	"incident-dated",
	"protected-told-first",
	"notice-recorded",
	"incident-settled",
]

_particular(control) := {reason | some reason in controls.deny; reason.control == control}

_reasons_of(control) := _particular(control) if count(_particular(control)) > 0

# Every control that refuses gives a reason, so that every refusal cites an article.
_reasons_of(control) := {{
	"control": control,
	"on": "",
	"params": object.get(controls.unspecified, control, {}),
}} if {
	count(_particular(control)) == 0
}
