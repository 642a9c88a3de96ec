package sekisho.decision_test

import data.sekisho
import data.sekisho.controls
import data.sekisho.world_test as world

_required_of(action) := sort(data.world.documents.guideline.requirements[action])

test_allow_is_granted_under_every_required_control[name] if {
	some name, action in {
		"rows": "query",
		"request": "approval.request",
		"decide": "approval.sign",
		"ledger": "ledger.read",
	}
	answer := world.answer(world.plain(name))
	answer.allow
	answer.required == _required_of(action)
	answer.granted_under == _required_of(action)
	answer.deny == []
}

test_only_a_query_has_obligations[name] if {
	some name, kind in {"rows": "object", "request": "null", "review": "null", "read": "null"}
	type_name(world.answer(world.plain(name)).obligations) == kind
}

test_deny_has_no_obligations if {
	answer := world.answer(world.asked("rows", [world.put("/principal/mfa", false)]))
	answer.allow == false
	answer.obligations == null
	answer.required == _required_of("query")
	required := {control | some control in answer.required}
	required - {control | some control in answer.granted_under} == {"identity-verified"}
}

test_nothing_at_all_is_refused if {
	answer := sekisho.decision with input as {} with data.guideline as {} with data.catalogue as {}
	answer.allow == false
	answer.deny == [{"control": "request-well-formed", "on": "action", "params": {}}]
}

test_an_action_without_requirements_is_refused[note] if {
	some note, change in {
		"absent": world.drop("/guideline/requirements/query"),
		"empty": world.put("/guideline/requirements/query", []),
		"text": world.put("/guideline/requirements/query", "request-well-formed"),
		"no names": world.put("/guideline/requirements/query", [1, null]),
		"no table": world.drop("/guideline/requirements"),
	}
	world.refusals(world.given("rows", [change])) == {"request-well-formed": {"action"}}
}

test_a_control_that_no_rule_grants_is_a_reason_without_particulars if {
	answer := world.answer(world.given("rows", [world.put("/guideline/requirements/query/-", "made-up")]))
	answer.allow == false
	answer.deny == [{"control": "made-up", "on": "", "params": {}}]
}

test_a_control_that_contradicts_itself_refuses if {
	contradiction := {"control": "purpose-notice", "on": "purpose", "params": {"purpose": "care"}}
	documents := data.world.documents
	answer := sekisho.decision with input as data.world.requests.rows
		with data.catalogue as documents.catalogue
		with data.guideline as documents.guideline
		with data.sekisho.controls.deny as {contradiction}
	answer.allow == false
	answer.deny == [contradiction]
	not "purpose-notice" in answer.granted_under
}

test_a_query_whose_obligations_are_not_complete_is_refused[note] if {
	some note, change in {
		"no limit of rows": world.drop("/guideline/parameters/max_rows"),
		"a limit that is none": world.put("/guideline/parameters/max_rows", 0),
		"a rounding that is none": world.put("/guideline/parameters/rounding", "5"),
		"a term that is none": world.put("/guideline/purposes/care/expires_in_days", 0),
		"reviewers that are none": world.put("/guideline/purposes/care/required_reviewers", "rin"),
	}
	answer := world.answer(world.given("rows", [change]))
	answer.allow == false
	answer.granted_under == answer.required
	answer.deny == [{"control": "request-well-formed", "on": "obligations", "params": {}}]
}

test_reasons_stand_in_the_order_in_which_they_are_shown if {
	answer := world.answer(world.asked("rows", [
		world.put("/principal/mfa", false),
		world.put("/principal/oath", false),
		world.put("/purpose", null),
		world.put("/query/scans/0/role", "unreached"),
		world.put("/datasets", {}),
		world.put("/approval", null),
	]))
	[[reason.control, reason.on] | some reason in answer.deny] == [
		["identity-verified", "principal.mfa"],
		["training-current", "principal.oath"],
		["protection-current", "s5"],
		["purpose-stated", "purpose"],
		["purpose-goal-permitted", "purpose"],
		["purpose-goal-not-prohibited", "purpose"],
		["purpose-active", "purpose"],
		["impact-assessed", "purpose"],
		["purpose-notice", "purpose"],
		["purpose-reviewed", "purpose"],
		["legal-basis", "basis"],
		["purpose-output-kind", "query.output"],
		["data-form-declared", "purpose"],
		["network-zone", "zone"],
		["pseudonym-domain-declared", "recipient"],
		["purpose-allow-list", "s1"],
		["purpose-allow-list", "s2"],
		["purpose-allow-list", "s3"],
		["purpose-allow-list", "s4"],
		["purpose-allow-list", "s5"],
		["sensitive-items-approved", "s1.helped"],
		["sensitive-items-approved", "s1.stage"],
		["named-persons-only", ""],
		["scans-reached", "s1"],
		["sources-fresh", "s1"],
		["sources-fresh", "s2"],
		["sources-fresh", "s3"],
		["sources-fresh", "s4"],
		["sources-fresh", "s5"],
		["approval-route", "approval"],
	]
}

test_every_reason_of_a_control_has_the_same_parameters if {
	documents := data.world.documents
	request := {"action": "query", "principal": {}, "approval": {}, "query": data.world.requests.rows.query}
	reasons := controls.deny with input as request
		with data.catalogue as documents.catalogue
		with data.guideline as {}
	count(reasons) > 20
	every reason in reasons {
		object.keys(reason.params) == object.keys(object.get(controls.unspecified, reason.control, {}))
	}
}

test_a_rule_is_required_in_its_time_alone[note] if {
	some note, each in {
		"ends today": {"change": _ending("purpose-notice", "2023-10-01"), "unasked": set()},
		"has ended": {"change": _ending("purpose-notice", "2023-09-30"), "unasked": {"purpose-notice"}},
		"begins today": {"change": _beginning("purpose-notice", "2023-10-01"), "unasked": set()},
		"begins tomorrow": {"change": _beginning("purpose-notice", "2023-10-02"), "unasked": {"purpose-notice"}},
		"an end that is no date": {"change": _ending("purpose-notice", "soon"), "unasked": set()},
		"no times": {"change": world.drop("/guideline/controls/purpose-notice"), "unasked": set()},
	}
	answer := world.answer(world.given("ledger", [
		world.put("/guideline/requirements/ledger.read/-", "purpose-notice"),
		each.change,
	]))
	required := {name | some name in answer.required}
	{control | some control in _required_of("ledger.read")} | {"purpose-notice"} == required | each.unasked
	count(required & each.unasked) == 0
}

test_a_day_outside_of_the_guideline_allows_nothing[note] if {
	some note, change in {
		"over": _ending("identity-verified", "2023-09-30"),
		"to come": _beginning("single-hat", "2023-10-02"),
	}
	answer := world.answer(world.given("ledger", [change]))
	answer.allow == false
	answer.required == _required_of("ledger.read")
	answer.deny == [{"control": "request-well-formed", "on": "time", "params": {}}]
}

_ending(control, day) := world.put(concat("/", ["/guideline/controls", control, "to"]), day)

_beginning(control, day) := world.put(concat("/", ["/guideline/controls", control, "from"]), day)

test_a_parameter_has_the_value_of_its_day[note] if {
	some note, each in {
		"the last day of the first": {"versions": [[3, "2023-04-01", "2023-10-01"], [4, "2023-10-02", null]], "size": 3},
		"the first day of the second": {"versions": [[3, "2023-04-01", "2023-09-30"], [4, "2023-10-01", null]], "size": 4},
		"an end that is set": {"versions": [[6, "2023-04-01", "2023-10-01"]], "size": 6},
	}
	answer := world.answer(world.given("groups", [world.drop("/guideline/parameters/k_internal"), _timed("k_internal", each.versions)]))
	answer.obligations.output.min_group_size == each.size
}

test_a_parameter_without_a_value_today_refuses[note] if {
	some note, versions in {
		"not yet": [[3, "2023-10-02", null]],
		"no longer": [[3, "2023-04-01", "2023-09-30"]],
		"a beginning that is no date": [[3, "soon", null]],
		"an end that is no date": [[3, "2023-04-01", "late"]],
	}
	case := world.given("groups", [world.drop("/guideline/parameters/k_internal"), _timed("k_internal", versions)])
	world.refusals(case)["smallest-group"] == {""}
}

test_a_rounding_of_other_days_is_not_taken_for_none if {
	changes := [world.drop("/guideline/parameters/rounding"), _timed("rounding", [[10, "2024-04-01", null]])]
	not world.answer(world.given("groups", changes)).allow
}

_timed(name, versions) := world.put(
	concat("/", ["/guideline/timed_parameters", name]),
	[{"value": version[0], "from": version[1], "to": version[2]} | some version in versions],
)

test_an_epoch_changes_on_its_day[note] if {
	some note, each in {
		"the last day": {"epochs": [["a", "2023-04-01", "2023-10-01"], ["b", "2023-10-02", null]], "epoch": "a"},
		"the first day": {"epochs": [["a", "2023-04-01", "2023-09-30"], ["b", "2023-10-01", null]], "epoch": "b"},
	}
	answer := world.answer(world.given("rows", [world.drop("/guideline/domains/screening/epoch"), _epochs(each.epochs)]))
	answer.obligations.pseudonyms.epoch == each.epoch
}

test_a_domain_without_an_epoch_today_is_none if {
	changes := [world.drop("/guideline/domains/screening/epoch"), _epochs([["b", "2023-10-02", null]])]
	world.refusals(world.given("rows", changes)) == {"pseudonym-domain-declared": {"recipient"}}
}

_epochs(versions) := world.put(
	"/guideline/domains/screening/epochs",
	[{"value": version[0], "from": version[1], "to": version[2]} | some version in versions],
)
