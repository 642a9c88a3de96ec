"""A small neutral city for the tests of the policy: three departments, two purposes, and one request of each action.

The tests in Rego read the same from ``policies/rego/world_test.json``. ``python -m tests.policies.world`` writes it, and
``test_world.py`` says when it is stale.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from governance.catalogue import Catalogue, Column, Dataset, Department, KeyKind, Label
from governance.guideline import Article, ControlText, Guideline, Rule
from policies.data import policy_data

TODAY = "2023-10-01"
TIME = "2023-10-01T09:00:00+09:00"
VERSION = "1.0-0123456789ab"

_OCCASIONAL = ["occasional-use-reasoned", "occasional-use-term", "occasional-use-not-repeated"]
_CONTENT = [
    "my-number-prohibited",
    "tax-origin-prohibited",
    "address-protected-excluded",
    "suspended-excluded",
    "purpose-stated",
    "purpose-goal-permitted",
    "purpose-goal-not-prohibited",
    "purpose-active",
    "impact-assessed",
    "purpose-notice",
    "purpose-reviewed",
    "legal-basis",
    "occasional-use-organs",
    *_OCCASIONAL,
    "recipient-in-contract",
    "contract-clauses-complete",
    "contractor-inspected",
    "contractor-staff-named",
    "purpose-output-kind",
    "data-form-declared",
    "pseudonym-domain-declared",
    "purpose-allow-list",
    "evidence-noted",
    "identifier-never-leaves",
    "identifier-pseudonymised",
    "no-free-text",
    "minimal-form",
    "sensitive-items-reduced",
    "cohort-declared",
    "named-persons-only",
    "scans-reached",
    "one-row-per-subject",
    "target-age",
    "moved-out-excluded",
    "smallest-group",
]
_PERSON = [
    "request-well-formed",
    "identity-verified",
    "account-in-force",
    "training-current",
    "single-hat",
    "roles-compatible",
    "action-matrix",
]
_CONTRACTOR = ["recipient-in-contract", "contract-clauses-complete", "contractor-inspected", "contractor-staff-named"]
_APPROVAL = ["approval-route", "approval-current", "approval-unchanged", "separation-of-duties"]

REQUIREMENTS: dict[str, list[str]] = {
    "query": [
        *_PERSON,
        "releases-not-stopped",
        *_CONTENT,
        "protection-current",
        "network-zone",
        "provision-packaged",
        "sensitive-items-approved",
        "sources-fresh",
        *_APPROVAL,
        "approved-afterwards",
    ],
    "approval.request": [*_PERSON, *_CONTENT],
    "approval.sign": [*_PERSON, "purpose-stated", *_OCCASIONAL, *_APPROVAL, "decider-absent", "later-look-in-time"],
    "approval.preview": [
        *_PERSON,
        "purpose-stated",
        "own-department",
        "purpose-allow-list",
        "approval-current",
        "approval-unchanged",
    ],
    "approval.acknowledge": [*_PERSON, "approval-current", "later-look-by-decider"],
    "absence.record": [*_PERSON, "absence-recorded"],
    "absence.end": [*_PERSON, "absence-recorded"],
    "approval.reject": [*_PERSON, "approval-current", "on-the-route"],
    "approval.return": [*_PERSON, "approval-current", "on-the-route"],
    "approval.revoke": [*_PERSON, "approval-current"],
    "approval.withdraw": [*_PERSON, "approval-current", "own-request", "approved-afterwards"],
    "approval.recall": [*_PERSON, "approval-current", "own-request"],
    "approval.resubmit": [*_PERSON, *_CONTENT, "approval-current", "own-request"],
    "approval.read": _PERSON,
    "ledger.read": _PERSON,
    "purpose.review": [*_PERSON, "purpose-stated"],
    "purpose.renew": [*_PERSON, "purpose-stated", "purpose-renewable"],
    "guideline.approve": _PERSON,
    "dataset.draft": [*_PERSON, "own-department"],
    "dataset.confirm": [*_PERSON, "own-department"],
    "dataset.register": [*_PERSON, "guideline-approved", "own-department", "classes-confirmed"],
    "dataset.check": [*_PERSON, "own-department"],
    "subject.suspend": [*_PERSON, "own-department"],
    "subject.release": [*_PERSON, "second-person"],
    "subject.read": _PERSON,
    "subject.trace": [*_PERSON, "own-department"],
    "ledger.trace": _PERSON,
    "ledger.department": [*_PERSON, "own-department"],
    "ledger.review": _PERSON,
    "subject.request": _PERSON,
    "subject.extend": _PERSON,
    "subject.review": [*_PERSON, "second-person", "cleared-to-know"],
    "subject.decide": [*_PERSON, "second-person", "legal-review-first"],
    "subject.answer": _PERSON,
    "subject.correct": [*_PERSON, "own-department"],
    "incident.stop": _PERSON,
    "incident.lift": [*_PERSON, "second-person"],
    "incident.open": [*_PERSON, "incident-in-turn", "incident-dated"],
    "incident.read": _PERSON,
    "incident.assess": [*_PERSON, "incident-in-turn"],
    "incident.protected": [*_PERSON, "cleared-staff", "incident-in-turn"],
    "incident.contact": [*_PERSON, "cleared-staff", "incident-in-turn", "incident-dated", "protected-told-first"],
    "incident.report": [*_PERSON, "incident-in-turn", "incident-dated"],
    "incident.notify": [*_PERSON, "incident-in-turn", "incident-dated", "protected-told-first", "notice-recorded"],
    "incident.close": [*_PERSON, "second-person", "incident-in-turn", "incident-settled"],
    "reidentify.request": [
        *_PERSON,
        "ticket-role",
        "purpose-stated",
        "purpose-active",
        "ticket-purpose",
        "guideline-approved",
        "ticket-in-state",
        "emergency-decided",
        "ticket-reasoned",
    ],
    "reidentify.grant": [*_PERSON, "ticket-role", "ticket-decider", "ticket-in-state", "ticket-cap"],
    "reidentify.reject": [*_PERSON, "ticket-role", "ticket-decider", "ticket-in-state"],
    "reidentify.run": [
        *_PERSON,
        "releases-not-stopped",
        "ticket-role",
        "purpose-stated",
        "purpose-active",
        "ticket-purpose",
        "guideline-approved",
        "own-ticket",
        "ticket-in-state",
        "emergency-decided",
        "protection-current",
        "view-limited",
    ],
    "reidentify.show": [
        *_PERSON,
        "releases-not-stopped",
        "ticket-role",
        "ticket-purpose",
        "own-ticket",
        "ticket-in-state",
        "protection-current",
        "view-limited",
    ],
    "reidentify.extend": [*_PERSON, "ticket-role", "ticket-decider", "ticket-in-state", "ticket-reasoned"],
    "reidentify.close": [*_PERSON, "ticket-role", "own-ticket", "ticket-in-state", "judged-by-people", "wish-heard"],
    "reidentify.read": _PERSON,
    "reidentify.read_all": [*_PERSON, "tickets-by-post"],
    "reidentify.alerts": [*_PERSON, "cleared-staff"],
    "risk.run": [*_PERSON, "releases-not-stopped", "guideline-approved"],
    "retention.read": _PERSON,
    "retention.order": _PERSON,
    "retention.erase": [*_PERSON, "second-person", "erasure-not-held"],
    "retention.hold": _PERSON,
    "retention.free": [*_PERSON, "second-person"],
    "risk.read": _PERSON,
    "risk.read_protected": [*_PERSON, "protected-list-cleared"],
    "risk.settle": _PERSON,
    "risk.assess": [*_PERSON, "assessment-in-turn", "desk-verdict", "judged-by-people", "wish-heard"],
    "risk.approve": [*_PERSON, "capacity-decider"],
    "inquiry.send": [
        *_PERSON,
        "releases-not-stopped",
        "inquiry-addressed",
        "inquiry-in-turn",
        "inquiry-limited",
    ],
    "inquiry.list": _PERSON,
    "inquiry.read": [*_PERSON, "releases-not-stopped", "inquiry-addressed", "inquiry-in-turn"],
    "inquiry.answer": [*_PERSON, "inquiry-addressed", "inquiry-in-turn"],
    "risk.read_cycle": [*_PERSON, "capacity-approved"],
    "package.draft": [*_PERSON, "releases-not-stopped", *_CONTRACTOR, "guideline-approved", "package-in-turn"],
    "package.review": [*_PERSON, "package-in-turn", "package-checked", "package-groups-safe", "package-reviewed"],
    "package.create": [
        *_PERSON,
        "releases-not-stopped",
        *_CONTRACTOR,
        "guideline-approved",
        "package-in-turn",
        "package-checked",
        "package-groups-safe",
        "package-reviewed",
    ],
    "package.hand_over": [*_PERSON, "releases-not-stopped", *_CONTRACTOR, "package-in-turn", "package-reviewed"],
    "package.close": [*_PERSON, "package-in-turn"],
    "package.read": _PERSON,
    "proposal.draft": [
        *_PERSON,
        "releases-not-stopped",
        *_CONTRACTOR,
        "guideline-approved",
        "proposal-in-turn",
    ],
    "proposal.review": [*_PERSON, "proposal-in-turn", "proposal-checked", "proposal-reviewed"],
    "proposal.approve": [*_PERSON, "proposal-in-turn", "proposal-checked", "proposal-reviewed"],
    "proposal.reject": [*_PERSON, "proposal-in-turn"],
    "proposal.withdraw": [*_PERSON, "proposal-in-turn"],
    "proposal.read": _PERSON,
    "risk.report": _PERSON,
}
"""What ``guideline_docs/tables/requirements.yaml`` says, too."""

CONTRACT = {
    "from": "2023-04-01",
    "to": "2024-03-31",
    "place": "JP",
    "subcontracting": "none",
    "consent": None,
    "inspected_on": "2023-05-01",
    "staff_named_on": "2023-04-03",
    "clauses": ["secrecy", "deletion", "copies"],
}
"""Of the firm."""

CONTROLS = tuple(sorted({control for controls in REQUIREMENTS.values() for control in controls}))


def _label(text: str) -> Label:
    return Label(ja=text, en=text)


def _column(name: str, type_: str, column_class: str = "attribute", **more: Any) -> Column:
    return Column(name=name, label=_label(name), type=type_, column_class=column_class, **more)  # type: ignore[arg-type]


def _dataset(name: str, *columns: Column, **more: Any) -> Dataset:
    more = {"absent_row": "none", "refresh": "monthly", "gates": {}, **more}
    by_name = {column.name: column for column in columns}
    return Dataset(name=name, department=name.partition(".")[0], label=_label(name), columns=by_name, **more)


def catalogue() -> Catalogue:
    """Three departments: a register with a cohort, a service with sensitive items, a roll that bridges to a log."""
    person = _column("person_id", "text", "key", key="person", nulls="never")
    home = _column("home_id", "text", "key", key="home", nulls="never")
    datasets = (
        _dataset(
            "a.person",
            person,
            home,
            _column("born", "date", "quasi_identifier"),
            _column("state", "text"),
            _column("level", "integer", nulls="none"),
            _column("size", "integer"),
            _column("zone", "text", "quasi_identifier"),
            _column("name", "text", "identifier"),
            _column("number", "text", "attribute", origin="my_number"),
            _column("code", "text", "attribute", origin="resident_code"),
            _column("income", "integer", "attribute", origin="tax"),
            _column("grant", "integer", "attribute", origin="benefit"),
            _column("note", "text", "free_text"),
            cohort=True,
            refresh="daily",
            unique_by=("person_id",),
            gates={"target-age": "born", "moved-out-excluded": "state"},
            derived_sql="SELECT 1",
        ),
        _dataset("a.member", person, home, _column("kind", "text"), refresh="daily"),
        _dataset(
            "b.visit",
            person,
            _column("stage", "text", sensitivity="youhairyo"),
            _column("helped", "boolean", sensitivity="kibi"),
            _column("times", "integer", sensitivity="kibi"),
            _column("since", "date"),
            _column("open", "boolean"),
            unique_by=("person_id",),
        ),
        _dataset("b.guest", person, _column("born", "date", "quasi_identifier"), cohort=True),
        _dataset("c.roll", person, _column("badge", "text", "key", key="badge"), bridge=True),
        _dataset(
            "c.lamp",
            _column("street", "text", nulls="never"),
            _column("price", "decimal", nulls="none"),
            _column("since", "date", nulls="none"),
            impersonal=True,
        ),
        _dataset("c.log", _column("badge", "text", "key", key="badge"), _column("missed", "integer", nulls="never")),
    )
    return Catalogue(
        departments={
            d: Department(
                id=d, label=_label(d), organ=organ, steward=f"steward-{d}", source_kind="sqlite", source_path=f"{d}.db"
            )
            for d, organ in {"a": "inner", "b": "inner", "c": "outer"}.items()
        },
        datasets={d.name: d for d in datasets},
        kinds={
            k: KeyKind(name=k, label=_label(k), pattern="[0-9]+", pad=None, method="aes")
            for k in ("person", "home", "badge")
        },
        subject_kind="person",
        household_kinds=("home",),
    )


def _row(**columns: Any) -> dict[str, Any]:
    forms = {column: form if isinstance(form, dict) else {"form": form} for column, form in columns.items()}
    return {
        "evidence": {"ja": "根拠", "en": "evidence"},
        "columns": {column: {"leaves": form["form"] != "match", **form} for column, form in forms.items()},
    }


def _condition(operator: str, value: Any) -> dict[str, Any]:
    return {"type": "field", "operator": operator, "field": "value", "value": value}


_STAGE = {"form": "ordinal", "order": ["none", "light", "heavy"]}
_REGISTER = _row(
    person_id="pseudonym",
    home_id="pseudonym",
    born="year_month",
    level="raw",
    size={"form": "band", "edges": [2, 4]},
    zone="raw",
    state={"form": "flag", "condition": _condition("eq", "here"), "leaves": False, "null_as": False},
)


_CARE = {
    "a.person": _REGISTER,
    "a.member": _row(person_id="pseudonym", home_id="pseudonym", kind="raw"),
    "b.visit": _row(person_id="pseudonym", stage=_STAGE, helped="raw", open="raw"),
    "c.roll": _row(person_id="pseudonym", badge="pseudonym"),
    "c.log": _row(badge="pseudonym", missed={"form": "count", "ceiling": 31}),
}

_VIEW = [
    {
        "dataset": "a.person",
        "columns": ["name", "born", "zone"],
        "among": "a.member",
        "leave_out": ["address-protected", "suspended"],
        "reduced": {"address-protected": ["name", "born"]},
        "alert": "address-protected",
    },
    {"dataset": "c.roll", "columns": ["badge"], "among": None, "leave_out": [], "reduced": {}, "alert": None},
]
_SENTENCE = {"ja": "問い", "en": "question"}
_REIDENTIFICATION = {
    "purposes": ["care"],
    "never_roles": ["auditor", "checker"],
    "never_organs": ["outer"],
    "decided_by": ["director"],
    "reason_characters": 20,
    "monthly_cap": 3,
    "extensions": 2,
    "verdicts": {"support": {"wish": True, "desk": False}, "none": {"wish": False, "desk": True}},
    "view": _VIEW,
}
_INCIDENTS = {
    "safe_routes": {"by-hand": {}},
    "notice_routes": {"post": {}},
    "obstacles": {"nowhere": {}},
    "substitutes": {"board": {}},
    "measures": {"lock": {}, "course": {}},
}


def tables() -> dict[str, Any]:
    """The guideline's tables."""
    return {
        "purposes": {
            "care": _purpose(
                "screening",
                outputs=["row_level"],
                needs_approval=True,
                valid_to="2024-03-31",
                bases=["in_purpose", "within", "across", "anyhow"],
            ),
            "study": _purpose(
                "firm-2023", outputs=["row_level"], needs_approval=True, valid_to="2024-03-31", recipients=["firm"]
            ),
            "tally": _purpose("numbers", outputs=["aggregate"], needs_approval=False, valid_to=None),
            "wares": _purpose("numbers", outputs=["impersonal"], needs_approval=False, valid_to=None),
        },
        "domains": {
            "screening": {"purposes": ["care"], "recipient": "desk", "epoch": "2023"},
            "firm-2023": {"purposes": ["study"], "recipient": "firm", "epoch": "2023"},
            "numbers": {"purposes": ["tally", "wares"], "recipient": "desk", "epoch": "2023"},
        },
        "recipients": {
            "desk": {"kind": "internal", "organ": "inner"},
            "firm": {"kind": "vendor", "contract": CONTRACT},
        },
        "allow_list": {
            "care": _CARE,
            "study": _CARE,
            "tally": {
                "a.person": _REGISTER,
                "b.visit": _row(person_id="pseudonym", stage=_STAGE, helped="raw"),
            },
            "wares": {
                "c.lamp": _row(street="raw", price="raw", since="raw"),
                "c.log": _row(badge="pseudonym", missed="raw"),
            },
        },
        "action_matrix": {
            "runner": {
                "query.row_level": "approval",
                "query.aggregate": "allow",
                "query.impersonal": "allow",
                "risk.run": "allow",
                "risk.read": "allow",
                "risk.read_protected": "allow",
                "risk.settle": "allow",
                "risk.read_cycle": "allow",
                "package.draft": "allow",
                "package.create": "allow",
                "package.hand_over": "allow",
                "package.close": "allow",
                "package.read": "allow",
                "proposal.draft": "allow",
                "proposal.withdraw": "allow",
                "proposal.read": "allow",
                "risk.report": "allow",
                "approval.request": "allow",
                "approval.withdraw": "allow",
                "approval.recall": "allow",
                "approval.resubmit": "allow",
                "approval.revoke": "allow",
                "approval.read": "allow",
            },
            "stand_in": {"approval.deputise": "allow"},
            "contact": {"inquiry.list": "allow", "inquiry.read": "allow", "inquiry.answer": "allow"},
            "checker": {
                "subject.answer": "allow",
                "subject.review": "allow",
                "subject.extend": "allow",
                "subject.request": "allow",
                "absence.record": "allow",
                "absence.end": "allow",
                "approval.review": "allow",
                "approval.return": "allow",
                "retention.hold": "allow",
                "retention.order": "allow",
                "approval.reject": "allow",
                "approval.read": "allow",
                "package.review": "allow",
                "proposal.review": "allow",
                "purpose.review": "allow",
                "incident.assess": "allow",
                "incident.protected": "allow",
                "incident.contact": "allow",
                "incident.report": "allow",
                "incident.notify": "allow",
            },
            "steward": {
                "incident.open": "allow",
                "subject.correct": "allow",
                "ledger.department": "allow",
                "subject.trace": "allow",
                "approval.consult": "allow",
                "approval.preview": "allow",
                "approval.return": "allow",
                "approval.reject": "allow",
                "dataset.draft": "allow",
                "dataset.confirm": "allow",
                "dataset.register": "allow",
                "dataset.check": "allow",
                "subject.suspend": "allow",
                "incident.stop": "allow",
            },
            "head": {"approval.decide": "allow"},
            "chief": {
                "proposal.approve": "allow",
                "proposal.reject": "allow",
                "subject.decide": "allow",
                "retention.free": "allow",
                "retention.read": "allow",
                "approval.acknowledge": "allow",
                "absence.record": "allow",
                "absence.end": "allow",
                "approval.decide": "allow",
                "approval.return": "allow",
                "guideline.approve": "allow",
                "purpose.renew": "allow",
                "subject.release": "allow",
                "subject.read": "allow",
                "incident.lift": "allow",
                "incident.read": "allow",
                "incident.close": "allow",
            },
            "keeper": {"retention.erase": "allow"},
            "auditor": {"ledger.review": "allow", "ledger.trace": "allow", "ledger.read": "allow"},
            "user": {
                "risk.assess": "allow",
                "inquiry.send": "allow",
                "inquiry.read": "allow",
                "reidentify.request": "allow",
                "reidentify.run": "allow",
                "reidentify.show": "allow",
                "reidentify.close": "allow",
                "reidentify.read": "allow",
                "reidentify.alerts": "allow",
            },
            "director": {
                "risk.approve": "allow",
                "reidentify.grant": "allow",
                "reidentify.reject": "allow",
                "reidentify.extend": "allow",
                "reidentify.read_all": "allow",
            },
        },
        "routes": {
            "template": {
                "review": {"roles": ["checker"]},
                "consult": "stewards_of_datasets",
                "decide": {"normal": {"roles": ["head"]}, "sensitive": {"roles": ["chief"], "deputies": ["stand_in"]}},
                "absence": {"recorded_by": ["checker"]},
            }
        },
        "parameters": {
            "k_internal": 5,
            "k_public": 10,
            "max_rows": 20000,
            "rounding": None,
            "organs": ["inner", "outer"],
            "reduced_forms": ["flag", "ordinal", "band", "count"],
            "freshness_max_days": {"daily": 7, "monthly": 35, "hourly": 1},
            "permitted_goals": ["help", "counting"],
            "prohibited_goals": ["punish"],
            "deputy": {"absence_max_days": 31, "later_look_days": 7},
            "incompatible_roles": {"keeper": ["runner", "user"], "auditor": ["any"]},
            "legal_bases": {
                "in_purpose": {},
                "consent": {},
                "alarm": {"afterwards": {"within": 1, "calendar": "desk"}},
                "within": {"max_days": 90, "occasional": {"holders": "own"}},
                "across": {"max_days": 90, "occasional": {"holders": "other"}},
                "anyhow": {"max_days": 90, "occasional": {"holders": "any"}},
            },
            "occasional_use": {
                "least_characters": {"reason": 30, "harm": 20},
                "repeats": {"uses": 2, "within_days": 365},
            },
            "contract_clauses": ["secrecy", "deletion"],
            "inspection_max_days": 365,
            "packages": {"k_rows": 5, "l_values": 2, "reviewers": 2, "deletion_days": 30},
            "renewals_from": "02-01",
            "reidentification": _REIDENTIFICATION,
            "judgement": {"decided_by": ["director"]},
            "inquiries": {
                "items": {"a.person": ["name"], "c.roll": ["badge"]},
                "questions": {"mood": _SENTENCE, "days": _SENTENCE, "talks": _SENTENCE},
                "questions_at_most": 2,
            },
            "data_forms": {
                "masked": {"zones": ["core"]},
                "tallies": {"zones": ["core", "office"]},
                "plain": {"zones": ["core"]},
            },
            "incidents": _INCIDENTS,
        },
        "gates": {
            "target-age": {"roles": ["cohort"], "kind": "grades", "from": 1, "to": 12},
            "moved-out-excluded": {
                "roles": ["cohort"],
                "kind": "condition",
                "condition": {"type": "compound", "operator": "not", "value": [_condition("in", ["gone", "dead"])]},
            },
        },
        "named_sets": {
            "address-protected": {
                "control": "address-protected-excluded",
                "roles": ["cohort"],
                "departments": ["a"],
                "unless": "dv_cleared",
                "refresh": "hourly",
            },
            "suspended": {
                "control": "suspended-excluded",
                "roles": ["cohort", "attribute"],
                "departments": ["a", "b", "c"],
            },
        },
        "calendars": {
            "from": "2023-09-01",
            "to": "2024-01-31",
            "holidays": {"2023": ["2023-09-18", "2023-11-03"]},
            "calendars": {
                "desk": {
                    "label": {"ja": "開いている日", "en": "open days"},
                    "weekdays": ["mon", "tue", "wed", "thu", "fri"],
                    "closed_on_holidays": True,
                    "every_year": [{"from": "12-29", "to": "01-03"}],
                    "closed": [],
                    "opened": [],
                }
            },
        },
        "requirements": REQUIREMENTS,
    }


def _purpose(domain: str, **more: Any) -> dict[str, Any]:
    return {
        "goal": "help",
        "yields": {"row_level": "masked", "aggregate": "tallies", "impersonal": "plain"},
        "status": "active",
        "valid_from": "2023-04-01",
        "since": "2023-04-01",
        "reviewed": {"on": "2023-03-01", "by": "rin"},
        "bases": ["in_purpose"],
        "public_notice_on": "2023-04-01",
        "pia": "PIA-1",
        "domain": domain,
        "recipients": ["desk"],
        **more,
    }


def guideline() -> Guideline:
    """One article that binds every control, with the tables."""
    sentence = {"ja": "認められません。", "en": "Not allowed."}
    controls = {control: ControlText(text=sentence, remedy=sentence) for control in CONTROLS}  # type: ignore[arg-type]
    rule = Rule(id="R1-1", text=_label("rule"), enforced_by="rego", controls=controls, reason=None)
    article = Article(
        number=1,
        chapter=1,
        title=_label("article"),
        body_ja="本文",
        body_en="text",
        law=(),
        effective_from="2023-04-01",
        effective_to=None,
        rules=(rule,),
        file="art01.md",
    )
    return Guideline(version=VERSION, articles=(article,), tables=tables())


def _scan(id_: str, dataset: str, role: str, **columns: list[str]) -> dict[str, Any]:
    return {
        "id": id_,
        "dataset": dataset,
        "role": role,
        "decides_rows": role == "cohort",
        "columns": [{"column": column, "usages": usages} for column, usages in columns.items()],
    }


def _scope(id_: str, *inputs: str, grain: str, keys: tuple[str, ...] = (), aggregates: tuple[str, ...] = ()) -> Any:
    return {"id": id_, "inputs": list(inputs), "grain": grain, "keys": list(keys), "aggregates": list(aggregates)}


_ROW_QUERY = {
    "sql_digest": "d1",
    "scans": [
        _scan("s1", "b.visit", "household", person_id=["join"], stage=["aggregate"], helped=["predicate"]),
        _scan("s2", "a.member", "household", person_id=["join"], home_id=["group", "join"]),
        _scan("s3", "c.roll", "attribute", person_id=["group", "join"], badge=["join"]),
        _scan("s4", "c.log", "bridge", badge=["join"], missed=["aggregate"]),
        _scan(
            "s5",
            "a.person",
            "cohort",
            person_id=["output", "join"],
            home_id=["join"],
            level=["output"],
            state=["predicate"],
        ),
    ],
    "scopes": [
        _scope("q1", "s1", "s2", grain="household", keys=("s2.home_id",), aggregates=("max",)),
        _scope("q2", "s3", "s4", grain="subject", keys=("s3.person_id",), aggregates=("sum",)),
        _scope("q0", "s5", "q1", "q2", grain="subject"),
    ],
    "output": {
        "kind": "row_level",
        "scope": "q0",
        "columns": [
            {"name": "person_id", "origins": ["s5.person_id"]},
            {"name": "level", "origins": ["s5.level"]},
            {"name": "stage", "origins": ["s1.stage"]},
            {"name": "missed", "origins": ["s4.missed"]},
        ],
        "rows_per_subject": "one",
    },
    "functions": ["max", "sum"],
    "row_limit": None,
}

_GROUP_QUERY = {
    "sql_digest": "d2",
    "scans": [
        _scan("s1", "a.person", "cohort", level=["group", "output"], person_id=["join"]),
        _scan("s2", "b.visit", "attribute", person_id=["join"], stage=["aggregate"]),
    ],
    "scopes": [_scope("q0", "s1", "s2", grain="group", keys=("s1.level",), aggregates=("count", "max"))],
    "output": {
        "kind": "aggregate",
        "scope": "q0",
        "columns": [
            {"name": "level", "origins": ["s1.level"]},
            {"name": "people", "origins": []},
            {"name": "stage", "origins": ["s2.stage"]},
        ],
        "rows_per_subject": "many",
    },
    "functions": ["count", "max"],
    "row_limit": 100,
}


_WARE_QUERY = {
    "sql_digest": "d3",
    "scans": [
        _scan("s1", "c.lamp", "impersonal", price=["aggregate", "output"], street=["group", "output"]),
        _scan("s2", "c.lamp", "impersonal", since=["predicate"], street=["join"]),
    ],
    "scopes": [_scope("q1", "s1", grain="impersonal"), _scope("q2", "s2", grain="impersonal")],
    "output": {
        "kind": "impersonal",
        "scope": "q1",
        "columns": [
            {"name": "street", "origins": ["s1.street"]},
            {"name": "price", "origins": ["s1.price"]},
        ],
        "rows_per_subject": "many",
    },
    "functions": ["exists", "sum"],
    "row_limit": None,
}


def _principal(id_: str, *roles: str, department: str | None = None) -> dict[str, Any]:
    return {
        "id": id_,
        "roles": list(roles),
        "hats": [roles[0]],
        "organ": "inner",
        "post": "officer",
        "department": department,
        "oath": True,
        "training_until": "2024-03-31",
        "dv_cleared": False,
        "mfa": True,
        "valid_until": "2024-03-31",
    }


def _signature(step: str, id_: str, role: str, department: str | None = None) -> dict[str, Any]:
    return {"step": step, "id": id_, "role": role, "post": "officer", "department": department}


_SIGNED = [
    _signature("review", "rin", "checker"),
    _signature("consult", "steward-a", "steward", "a"),
    _signature("consult", "steward-b", "steward", "b"),
    _signature("consult", "steward-c", "steward", "c"),
]


def _approval(state: str, reviewers: list[dict[str, Any]], approver: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "id": "ap-1",
        "purpose": "care",
        "state": state,
        "requester": "ume",
        "reviewers": reviewers,
        "approver": approver,
        "acknowledged": None,
        "starts_on": "2023-06-01",
        "expires_at": "2024-03-31",
        "guideline_version": VERSION,
        "sql_digest": "d1",
        "basis": "in_purpose",
        "series": None,
    }


_GRANTED = _approval("granted", _SIGNED, _signature("decide", "boss", "chief"))


def _request(action: str, principal: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "action": action,
        "time": TIME,
        "as_of": TODAY,
        "zone": "core",
        "principal": principal,
        "recipient": None,
        "purpose": None,
        "basis": None,
        "approval": None,
        "step": None,
        "guideline_version": VERSION,
        "guideline_approval": None,
        "registration": None,
        "matter": None,
        "absence": None,
        "deputy": None,
        "provision": None,
        "proposal": None,
        "renewal": None,
        "inquiry": None,
        "ticket": None,
        "assessment": None,
        "capacity": None,
        "incident": None,
        "occasional": None,
        "stopped": False,
        "ahead": [],
        "datasets": {},
        "query": None,
        **more,
    }


_ASKED = {"purpose": "care", "recipient": "desk", "basis": "in_purpose", "query": _ROW_QUERY}
_SOURCES = {
    "a.person": {"as_of": "2023-09-30", "sets": {"address-protected": "2023-09-30"}},
    "a.member": {"as_of": "2023-09-24", "sets": {}},
    "b.visit": {"as_of": "2023-09-01", "sets": {}},
    "c.roll": {"as_of": "2023-08-27", "sets": {}},
    "c.log": {"as_of": "2023-10-01", "sets": {}},
}


RENEWAL = {
    "purpose": "care",
    "from": "2024-04-01",
    "to": "2025-03-31",
    "reviewed_on": "2023-12-01",
    "reviewed_by": "rin",
    "renewed_by": None,
}
"""Of the purpose of care, as it is asked for on the first day on which it may be."""


def _registration(confirmed_by: str | None) -> dict[str, Any]:
    parts = [{"part": part, "confirmed_by": confirmed_by} for part in ("rows", "person_id", "stage")]
    return {"department": "b", "dataset": "b.stay", "parts": parts}


_AWAY = {"first": "2023-09-25", "last": "2023-10-06", "recorded_by": "rin"}
_DEPUTY = {
    "deciders": [
        {"id": "boss", "roles": ["chief"], "valid_until": "2024-03-31", "absence": _AWAY},
        {"id": "kei", "roles": ["head"], "valid_until": None, "absence": None},
        {"id": "old", "roles": ["chief"], "valid_until": "2023-03-31", "absence": None},
    ],
    "due": ["2023-10-01", "2023-10-13"],
}
_ABSENCE = {"id": "boss", "roles": ["chief"], "first": "2023-10-01", "last": "2023-10-31", "recorded_by": None}
_DEPUTISED = _approval("granted", _SIGNED, _signature("deputise", "sub", "stand_in"))
_DEPARTMENT = {"department": "b", "dataset": None, "parts": []}
_DRAFTED = _registration(None)
_OPENED = {"number": "R5-12", "opened_by": None, "held": False, "reviewed_by": None}
_OPEN = {"number": "R5-12", "opened_by": "steward-b", "held": False, "reviewed_by": None}
_CONSIDERED = {**_OPEN, "reviewed_by": "rin"}
_REGISTRATION = _registration("steward-b")
_STUDY = {"purpose": "study", "recipient": "firm", "basis": "in_purpose", "query": _ROW_QUERY}


def _provision(state: str, **more: Any) -> dict[str, Any]:
    begun = {"id": "PK-1", "state": state, "drafted_by": None, "reviewers": [], "digest": None, "reviewed_digest": None}
    return {**begun, "k": None, "l": None, "findings": None, **more}


_NEW = _provision("new")
_CHECKED = {"drafted_by": "aki", "k": 5, "l": 2, "findings": 0, "reviewed_digest": "c1"}
_REVIEWED = {**_CHECKED, "reviewers": ["rin", "ran"]}


def _proposal(state: str, **more: Any) -> dict[str, Any]:
    begun = {"id": "RP-1", "state": state, "package_state": "received", "drafted_by": None, "reviewers": []}
    return {**begun, "findings": None, "digest": None, "drafted_digest": None, **more}


_TESTED = {"drafted_by": "aki", "findings": 0, "digest": "c1", "drafted_digest": "c1"}


def _ticket(state: str, **more: Any) -> dict[str, Any]:
    return {
        "state": state,
        "requester": "nao",
        "decided_by": None,
        "emergency": False,
        "alert": False,
        "verdict": None,
        "wish": 0,
        "wish_missing": 0,
        "types": ["care"],
        "hits": 2,
        "reason": 24,
        "contact": 8,
        "until": None,
        "extensions": 0,
        "granted_this_month": 0,
        "due": [],
        "look_ups": [],
        **more,
    }


_GIVEN = {"decided_by": "mio", "until": "2023-10-08"}
_NAMES_NOBODY = [{**look_up, "columns": []} for look_up in _VIEW[:1]]
_NEW_TICKET = _ticket("new", requester=None)
_RUN = {"purpose": "care"}
_ON_PAPER = {
    "step": "judge",
    "state": "desk_review",
    "ending": None,
    "unsettled": False,
    "drawn": False,
    "holder": None,
    "verdict": "none",
    "reason": 24,
    "wish": 0,
    "wish_missing": 0,
}
_MEETING = {**_ON_PAPER, "step": "meet", "state": "case_open", "holder": "nao", "verdict": None}
_SHEET = {
    "state": "new",
    "holder": "nao",
    "open": True,
    "protected": False,
    "items": {"a.person": ["name"], "c.roll": ["badge"]},
    "questions": ["mood", "days"],
    "addressee": "5d",
    "reader": None,
    "due": None,
}
_SENT = {**_SHEET, "state": "sent", "due": "2023-10-06"}
_CAPACITY = {"judged_by": "aki", "decided_by": None, "room": 30}
_ONCE = {
    "reason": 30,
    "harm": 20,
    "starts_on": "2023-09-01",
    "expires_at": "2023-11-29",
    "uses": [
        {"approval": "ap-1", "purpose": "care", "on": "2023-10-01", "datasets": ["a.person", "c.log"]},
        {"approval": "ap-0", "purpose": "care", "on": "2022-10-01", "datasets": ["a.person"]},
        {"approval": "ap-0", "purpose": "care", "on": "2022-09-30", "datasets": ["a.person"]},
        {"approval": "ap-0", "purpose": "tally", "on": "2023-08-01", "datasets": ["a.person"]},
    ],
}


def _incident(state: str, **more: Any) -> dict[str, Any]:
    return {
        "state": state,
        "discovered_on": "2023-09-20",
        "required": "yes",
        "contacted": False,
        "preliminary": False,
        "final": False,
        "notified": False,
        "stage": None,
        "on": None,
        "route": None,
        "obstacle": None,
        "measures": [],
        **more,
    }


_NEW_INCIDENT = _incident("new", required=None)
_TOLD = {"contacted": True, "preliminary": True}
_SETTLED = {**_TOLD, "final": True, "notified": True, "measures": ["lock", "course"]}


def requests() -> dict[str, dict[str, Any]]:
    """One request of each kind that the policy allows; each is a document of its own."""
    runner = _principal("aki", "runner", "user")
    requested = _approval("requested", [], None)
    steward = _principal("steward-b", "steward", department="b")
    cleared = _principal("rin", "checker") | {"dv_cleared": True}
    user = _principal("nao", "user")
    director = {**_principal("mio", "director"), "post": "director"}
    approved = {"version": VERSION, "id": "boss", "role": "chief", "post": "officer"}
    return deepcopy(
        {
            "rows": _request("query", runner, **_ASKED, approval=_GRANTED, datasets=_SOURCES),
            "once": _request(
                "query",
                runner,
                **{**_ASKED, "basis": "across"},
                approval={**_GRANTED, "starts_on": "2023-09-01", "expires_at": "2023-11-29", "basis": "across"},
                occasional=_ONCE,
                datasets=_SOURCES,
            ),
            "groups": _request(
                "query",
                runner,
                purpose="tally",
                basis="in_purpose",
                recipient="desk",
                query=_GROUP_QUERY,
                datasets={name: _SOURCES[name] for name in ("a.person", "b.visit")},
            ),
            "wares": _request(
                "query",
                runner,
                purpose="wares",
                basis="in_purpose",
                recipient="desk",
                query=_WARE_QUERY,
                datasets={"c.lamp": {"as_of": "2023-10-01", "sets": {}}},
            ),
            "request": _request("approval.request", runner, **_ASKED),
            "review": _request(
                "approval.sign", _principal("rin", "checker"), **_ASKED, approval=requested, step="review"
            ),
            "consult": _request(
                "approval.sign",
                _principal("steward-b", "steward", department="b"),
                **_ASKED,
                approval=_approval("requested", _SIGNED[:2], None),
                step="consult",
            ),
            "decide": _request(
                "approval.sign",
                _principal("boss", "chief"),
                **_ASKED,
                approval=_approval("requested", _SIGNED, None),
                step="decide",
            ),
            "reject": _request("approval.reject", _principal("rin", "checker"), approval=requested, query=_ROW_QUERY),
            "deputise": _request(
                "approval.sign",
                _principal("sub", "stand_in"),
                **_ASKED,
                approval=_approval("requested", _SIGNED, None),
                step="deputise",
                deputy=_DEPUTY,
            ),
            "preview": _request("approval.preview", steward, **_ASKED, approval=requested, registration=_DEPARTMENT),
            "look": _request("approval.acknowledge", _principal("boss", "chief"), approval=_DEPUTISED),
            "away": _request("absence.record", _principal("rin", "checker"), absence=_ABSENCE),
            "back": _request("absence.end", _principal("boss", "chief"), absence={**_ABSENCE, "recorded_by": "rin"}),
            "return": _request("approval.return", steward, approval=requested, query=_ROW_QUERY),
            "revoke": _request("approval.revoke", runner, approval=_GRANTED),
            "withdraw": _request("approval.withdraw", _principal("ume", "runner"), approval=requested),
            "recall": _request("approval.recall", _principal("ume", "runner"), approval=requested),
            "resubmit": _request(
                "approval.resubmit", _principal("ume", "runner"), **_ASKED, approval=_approval("returned", [], None)
            ),
            "read": _request("approval.read", runner),
            "ledger": _request("ledger.read", _principal("ken", "auditor")),
            "approve": _request("guideline.approve", _principal("boss", "chief")),
            "draft": _request("dataset.draft", _principal("eri", "steward", department="b"), registration=_DRAFTED),
            "confirm": _request("dataset.confirm", steward, registration=_DRAFTED),
            "check": _request("dataset.check", _principal("eri", "steward", department="b"), registration=_DEPARTMENT),
            "register": _request("dataset.register", steward, registration=_REGISTRATION, guideline_approval=approved),
            "suspend": _request("subject.suspend", steward, registration=_DEPARTMENT, matter=_OPENED),
            "release": _request("subject.release", _principal("boss", "chief"), matter=_OPEN),
            "suspensions": _request("subject.read", _principal("boss", "chief")),
            "stop": _request("incident.stop", steward, matter=_OPENED),
            "assess": _request("purpose.review", _principal("rin", "checker"), purpose="care", matter=_OPENED),
            "renew": _request(
                "purpose.renew",
                _principal("boss", "chief"),
                purpose="care",
                matter=_OPENED,
                renewal=RENEWAL,
                time="2024-02-01T09:00:00+09:00",
            ),
            "ask_for": _request("reidentify.request", user, **_RUN, ticket=_NEW_TICKET, guideline_approval=approved),
            "grant_ticket": _request("reidentify.grant", director, **_RUN, ticket=_ticket("requested")),
            "turn_down": _request("reidentify.reject", director, **_RUN, ticket=_ticket("requested")),
            "carry_out": _request(
                "reidentify.run",
                user,
                **_RUN,
                ticket=_ticket("granted", **_GIVEN, look_ups=[{**each, "reduced": {}} for each in _VIEW]),
                datasets={"a.person": _SOURCES["a.person"]},
                guideline_approval=approved,
            ),
            "look_at": _request(
                "reidentify.show",
                user,
                **_RUN,
                ticket=_ticket("open", **_GIVEN, look_ups=[{**each, "reduced": {}} for each in _NAMES_NOBODY]),
                datasets={"a.person": _SOURCES["a.person"]},
            ),
            "prolong": _request("reidentify.extend", director, **_RUN, ticket=_ticket("open", **_GIVEN)),
            "end": _request(
                "reidentify.close", user, **_RUN, ticket=_ticket("open", **_GIVEN, verdict="support", wish=6)
            ),
            "tickets": _request("reidentify.read", user),
            "tickets_of_all": _request("reidentify.read_all", director),
            "alerts": _request("reidentify.alerts", {**user, "dv_cleared": True}),
            "judge": _request("risk.run", runner, guideline_approval=approved),
            "terms": _request("retention.read", _principal("boss", "chief")),
            "order": _request("retention.order", _principal("rin", "checker"), matter=_OPENED),
            "erase": _request("retention.erase", _principal("kei", "keeper"), matter=_OPEN),
            "hold": _request("retention.hold", _principal("rin", "checker"), matter=_OPENED),
            "free": _request("retention.free", _principal("boss", "chief"), matter=_OPEN),
            "candidates": _request("risk.read", runner),
            "candidates_protected": _request("risk.read_protected", {**runner, "dv_cleared": True}),
            "settle": _request("risk.settle", runner),
            "judge_papers": _request("risk.assess", user, assessment=_ON_PAPER),
            "meet": _request("risk.assess", user, assessment=_MEETING),
            "send_sheet": _request("inquiry.send", user, inquiry=_SHEET),
            "sheets": _request("inquiry.list", _principal("ema", "contact")),
            "read_answer": _request("inquiry.read", user, inquiry={**_SENT, "state": "answered"}),
            "read_sheet": _request("inquiry.read", _principal("ema", "contact"), inquiry={**_SENT, "reader": "5d"}),
            "answer_sheet": _request("inquiry.answer", _principal("ema", "contact"), inquiry={**_SENT, "reader": "5d"}),
            "approve_capacity": _request("risk.approve", director, capacity=_CAPACITY),
            "see_cycle": _request("risk.read_cycle", runner, capacity={**_CAPACITY, "decided_by": "mio"}),
            "provide": _request(
                "query",
                runner,
                **_STUDY,
                approval={**_GRANTED, "purpose": "study"},
                datasets=_SOURCES,
                provision=_NEW,
            ),
            "pack": _request("package.draft", runner, recipient="firm", guideline_approval=approved, provision=_NEW),
            "inspect": _request(
                "package.review",
                _principal("ran", "checker"),
                provision=_provision("drafted", **_CHECKED, reviewers=["rin"]),
            ),
            "create": _request(
                "package.create",
                runner,
                recipient="firm",
                guideline_approval=approved,
                provision=_provision("drafted", **_REVIEWED, digest="c1"),
            ),
            "hand": _request(
                "package.hand_over", runner, recipient="firm", provision=_provision("created", **_REVIEWED)
            ),
            "close": _request("package.close", runner, provision=_provision("handed_over", **_REVIEWED)),
            "packages": _request("package.read", runner),
            "take_in": _request(
                "proposal.draft",
                runner,
                recipient="firm",
                guideline_approval=approved,
                proposal=_proposal("new"),
            ),
            "weigh": _request(
                "proposal.review",
                _principal("ran", "checker"),
                proposal=_proposal("drafted", **_TESTED, reviewers=["rin"]),
            ),
            "adopt": _request(
                "proposal.approve",
                _principal("boss", "chief"),
                proposal=_proposal("drafted", **_TESTED, reviewers=["rin"]),
            ),
            "decline": _request(
                "proposal.reject", _principal("boss", "chief"), proposal=_proposal("drafted", **_TESTED)
            ),
            "take_back": _request("proposal.withdraw", runner, proposal=_proposal("drafted", **_TESTED)),
            "proposals": _request("proposal.read", runner),
            "report": _request("risk.report", runner),
            "trace": _request("subject.trace", steward, registration=_DEPARTMENT, matter=_OPENED),
            "audit_trace": _request("ledger.trace", _principal("ken", "auditor"), matter=_OPENED),
            "own_use": _request("ledger.department", steward, registration=_DEPARTMENT),
            "audited": _request("ledger.review", _principal("ken", "auditor"), matter=_OPENED),
            "receive": _request("subject.request", _principal("rin", "checker"), matter=_OPENED),
            "extend": _request("subject.extend", _principal("rin", "checker"), matter=_OPEN),
            "consider": _request("subject.review", cleared, matter=_OPEN),
            "resolve": _request("subject.decide", _principal("boss", "chief"), matter=_CONSIDERED),
            "answer": _request("subject.answer", _principal("rin", "checker"), matter=_CONSIDERED),
            "correct": _request("subject.correct", steward, registration=_DEPARTMENT, matter=_CONSIDERED),
            "lift": _request("incident.lift", _principal("boss", "chief"), matter=_OPEN),
            "notice": _request("incident.open", steward, matter=_OPENED, incident=_NEW_INCIDENT),
            "gauge": _request(
                "incident.assess",
                _principal("rin", "checker"),
                matter=_OPEN,
                incident=_incident("open", required=None),
            ),
            "whom": _request("incident.protected", cleared, matter=_OPEN, incident=_incident("open")),
            "shield": _request(
                "incident.contact",
                cleared,
                matter=_OPEN,
                incident=_incident("open", route="by-hand", on="2023-09-21"),
            ),
            "tell_first": _request(
                "incident.report",
                _principal("rin", "checker"),
                matter=_OPEN,
                incident=_incident("open", stage="preliminary", on="2023-09-22"),
            ),
            "tell_last": _request(
                "incident.report",
                _principal("rin", "checker"),
                matter=_OPEN,
                incident=_incident("open", preliminary=True, stage="final", on="2023-10-01"),
            ),
            "inform": _request(
                "incident.notify",
                _principal("rin", "checker"),
                matter=_OPEN,
                incident=_incident("open", **_TOLD, route="post", on="2023-09-30"),
            ),
            "finish": _request(
                "incident.close",
                _principal("boss", "chief"),
                matter=_OPEN,
                incident=_incident("open", **_SETTLED),
            ),
            "incidents": _request("incident.read", _principal("boss", "chief")),
        }
    )


def documents() -> dict[str, Any]:
    """The data documents of the world, as the rules read them."""
    return policy_data(catalogue(), guideline())


def as_json() -> str:
    """What ``policies/rego/world_test.json`` holds."""
    return (
        json.dumps({"world": {"documents": documents(), "requests": requests()}}, ensure_ascii=False, indent=1) + "\n"
    )


if __name__ == "__main__":
    target = Path(__file__).resolve().parents[2] / "policies" / "rego" / "world_test.json"
    target.write_text(as_json(), encoding="utf-8")
