"""What must hold between the tables and the articles of one guideline and no schema can say.

Each check yields faults with the line where they stand; the first one, in the order of ``check_tables``, is raised.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import date
from itertools import chain, pairwise
from typing import Any

from governance.dates import check_date, end_of_fiscal_year
from governance.errors import BadInput
from governance.guideline import version_number
from governance.located_yaml import Located
from governance.registers import Place

Tables = Mapping[str, Located]

_LONGEST_PERIOD = {"month": 31, "fiscal_year": 366}
"""Days of the periods in which aggregate answers are compared."""

_GATE_NESTING = 2
"""Levels of and/or/not that the policy follows in a gate's condition; it knows no recursion."""


def check_tables(tables: Tables, *, controls: Mapping[str, Place], rego: frozenset[str]) -> None:
    """Check the tables of a guideline against each other and against the controls that its articles bind.

    Args:
        tables: documents that fit their schemas, ``version`` among them.
        controls: every bound control, and where.
        rego: those whose rule says ``enforced_by: rego``.

    Raises:
        BadInput: the first contradiction.
    """
    faults = chain(
        _changes(tables),
        _purposes(tables),
        _bases(tables),
        _domains(tables),
        _recipients(tables),
        _allow_list(tables),
        _routes(tables),
        _gates(tables, rego=rego),
        _calendars(tables),
        _freshness(tables),
        _requirements(tables, controls=controls, rego=rego),
        _reidentification(tables),
        _incidents(tables),
        _retention(tables),
    )
    for fault in faults:
        raise fault


def _changes(tables: Tables) -> Iterator[BadInput]:
    table = tables["version"]
    check_date(table, "decided_on")
    changes = table.data["changes"]
    for position in range(len(changes)):
        check_date(table, "changes", position, "decided_on")
    if changes[0]["version"] != table.data["version"]:
        line = table.line("changes", 0, "version")
        yield BadInput("guideline-change-missing", file=table.file, line=line, version=table.data["version"])
    for position, (newer, older) in enumerate(pairwise(changes), start=1):
        if version_number(newer["version"]) <= version_number(older["version"]):
            line = table.line("changes", position, "version")
            yield BadInput("guideline-changes-order", file=table.file, line=line, version=older["version"])


def _purposes(tables: Tables) -> Iterator[BadInput]:
    table = tables["purposes"]
    for name, purpose in table.data.items():
        for field in ("valid_from", "valid_to", "public_notice_on"):
            check_date(table, name, field)
        if (purpose.get("reviewed") or {}).get("on") is not None:
            check_date(table, name, "reviewed", "on")
        if "row_level" in purpose["outputs"] and not purpose["needs_approval"]:
            line = table.line(name, "needs_approval")
            yield BadInput("purpose-row-level-approval", file=table.file, line=line, purpose=name)
        for position, basis in enumerate(purpose.get("bases", ())):
            if basis not in tables["parameters"].data.get("legal_bases", {}):
                line = table.line(name, "bases", position)
                yield BadInput("purpose-basis", file=table.file, line=line, purpose=name)
        yield from _looks_up(tables, name)
        yield from _own_gates(tables, name)
        if purpose["valid_to"] is None:
            if "approval_days" not in purpose:
                line = table.line(name, "valid_to")
                yield BadInput("purpose-open-end", file=table.file, line=line, purpose=name)
            continue
        begins, ends = date.fromisoformat(purpose["valid_from"]), date.fromisoformat(purpose["valid_to"])
        if not begins <= ends <= end_of_fiscal_year(begins):
            line = table.line(name, "valid_to")
            yield BadInput("purpose-term", file=table.file, line=line, purpose=name)


def _looks_up(tables: Tables, name: str) -> Iterator[BadInput]:
    """別表2 grants a purpose of looking up each column for that and no more, in one dataset; Rego holds it to them."""
    table = tables["purposes"]
    wanted = table.data[name].get("looks_up")
    if wanted is None:
        return
    granted = [entry["columns"] for entry in tables["allow_list"].data.get(name, {}).values()]
    if not any(all(columns.get(c, {}).get("form") == "match" for c in wanted) for columns in granted):
        yield BadInput("purpose-looks-up", file=table.file, line=table.line(name, "looks_up"), purpose=name)


def _own_gates(tables: Tables, name: str) -> Iterator[BadInput]:
    """Windows of a purpose's own stand in the place of a gate that is a window, too."""
    table = tables["purposes"]
    for control, window in table.data[name].get("gates", {}).items():
        line = table.line(name, "gates", control)
        general = tables["gates"].data.get(control)
        if general is None or general["kind"] == "condition":
            yield BadInput("purpose-gate-unknown", file=table.file, line=line, purpose=name, control=control)
        first = 1 if window["kind"] == "grades" else 0
        if window["from"] < first or (window["to"] is None and first) or (window["to"] or 150) < window["from"]:
            yield BadInput("gate-range", file=table.file, line=line, control=control)


def _bases(tables: Tables) -> Iterator[BadInput]:
    """Days for a decision afterwards have a calendar, and occasional use its terms; Rego holds the drafter to them."""
    table = tables["parameters"]
    calendars = tables["calendars"].data["calendars"] if "calendars" in tables else {}
    for name, kind in table.data.get("legal_bases", {}).items():
        if "afterwards" in kind and kind["afterwards"]["calendar"] not in calendars:
            yield BadInput("basis-afterwards", file=table.file, line=table.line("legal_bases", name), basis=name)
        if "occasional" in kind and "occasional_use" not in table.data:
            yield BadInput("basis-occasional", file=table.file, line=table.line("legal_bases", name), basis=name)


def _domains(tables: Tables) -> Iterator[BadInput]:
    purposes, domains, recipients = tables["purposes"], tables["domains"], tables["recipients"]
    for name, purpose in purposes.data.items():
        line = purposes.line(name, "domain")
        domain = domains.data.get(purpose["domain"])
        if domain is None:
            yield BadInput("domain-unknown", file=purposes.file, line=line, domain=purpose["domain"])
        elif name not in domain["purposes"]:
            yield BadInput("domain-purpose", file=purposes.file, line=line, domain=purpose["domain"], purpose=name)
        elif purpose["recipients"] != [domain["recipient"]]:
            line = purposes.line(name, "recipients")
            yield BadInput(
                "domain-recipient",
                file=purposes.file,
                line=line,
                domain=purpose["domain"],
                purpose=name,
                recipient=domain["recipient"],
            )
    for name, domain in domains.data.items():
        yield from _epochs(domains, name)
        if domain["recipient"] not in recipients.data:
            line = domains.line(name, "recipient")
            yield BadInput("recipient-unknown", file=domains.file, line=line, recipient=domain["recipient"])
        for position, purpose_name in enumerate(domain["purposes"]):
            line = domains.line(name, "purposes", position)
            if purpose_name not in purposes.data:
                yield BadInput("purpose-unknown", file=domains.file, line=line, purpose=purpose_name)
            elif purposes.data[purpose_name]["domain"] != name:
                yield BadInput("domain-purpose", file=domains.file, line=line, domain=name, purpose=purpose_name)


def _epochs(domains: Located, name: str) -> Iterator[BadInput]:
    """Epochs that change on a day stand in the order of their days, and none comes back: its keys would, too."""
    epoch = domains.data[name]["epoch"]
    if isinstance(epoch, str):
        return
    written = epoch["versions"]
    for position in range(len(written)):
        check_date(domains, name, "epoch", "versions", position, "from")
    for position, (earlier, later) in enumerate(pairwise(written), start=1):
        again = later["value"] in [version["value"] for version in written[:position]]
        if again or later["from"] <= earlier["from"]:
            line = domains.line(name, "epoch", "versions", position)
            yield BadInput("domain-epochs", file=domains.file, line=line, domain=name)


def _recipients(tables: Tables) -> Iterator[BadInput]:
    table, organs = tables["recipients"], tables["parameters"].data["organs"]
    for name, recipient in table.data.items():
        if "organ" in recipient and recipient["organ"] not in organs:
            line = table.line(name, "organ")
            yield BadInput("organ-unknown", file=table.file, line=line, organ=recipient["organ"])


def _allow_list(tables: Tables) -> Iterator[BadInput]:
    table = tables["allow_list"]
    for purpose, datasets in table.data.items():
        if purpose not in tables["purposes"].data:
            yield BadInput("purpose-unknown", file=table.file, line=table.line(purpose), purpose=purpose)
        for dataset, entry in datasets.items():
            for column, form in entry["columns"].items():
                if not all(low < high for low, high in pairwise(form.get("edges", ()))):
                    line = table.line(purpose, dataset, "columns", column, "edges")
                    yield BadInput("form-edges-order", file=table.file, line=line, column=column)


def _routes(tables: Tables) -> Iterator[BadInput]:
    table, matrix = tables["routes"], tables["action_matrix"].data
    steps = (
        (("review", "roles"), "approval.review"),
        (("decide", "normal", "roles"), "approval.decide"),
        (("decide", "sensitive", "roles"), "approval.decide"),
        (("decide", "normal", "deputies"), "approval.deputise"),
        (("decide", "sensitive", "deputies"), "approval.deputise"),
        (("absence", "recorded_by"), "absence.record"),
    )
    for name, route in table.data.items():
        for path, action in steps:
            roles = route
            for part in path:
                # Deputies, and who records that they are needed, stand there only where a city has them.
                roles = roles.get(part, {})
            for position, role in enumerate(roles):
                line = table.line(name, *path, position)
                if role not in matrix:
                    yield BadInput("role-unknown", file=table.file, line=line, role=role)
                elif action not in matrix[role]:
                    yield BadInput("route-role-action", file=table.file, line=line, role=role, action=action)


def _gates(tables: Tables, *, rego: frozenset[str]) -> Iterator[BadInput]:
    gates, sets = tables["gates"], tables["named_sets"]
    for control, gate in gates.data.items():
        if control not in rego:
            yield BadInput("control-not-rego", file=gates.file, line=gates.line(control), control=control)
        if gate["kind"] != "condition" and gate["to"] is not None and gate["from"] > gate["to"]:
            yield BadInput("gate-range", file=gates.file, line=gates.line(control, "from"), control=control)
        if gate["kind"] == "condition" and _nesting(gate["condition"]) > _GATE_NESTING:
            line = gates.line(control, "condition")
            yield BadInput("gate-nesting", file=gates.file, line=line, control=control, limit=_GATE_NESTING)
    for name, named_set in sets.data.items():
        if named_set["control"] not in rego:
            line = sets.line(name, "control")
            yield BadInput("control-not-rego", file=sets.file, line=line, control=named_set["control"])


def _calendars(tables: Tables) -> Iterator[BadInput]:
    """Every year that is covered has its holidays, so that the last day is never moved without them."""
    table = tables["calendars"]
    check_date(table, "from")
    check_date(table, "to")
    first, last = date.fromisoformat(table.data["from"]), date.fromisoformat(table.data["to"])
    if last < first:
        yield BadInput("calendar-span", file=table.file, line=table.line("to"))
    holidays = table.data["holidays"]
    for year, days in holidays.items():
        for position, day in enumerate(days):
            check_date(table, "holidays", year, position)
            if not day.startswith(f"{year}-"):
                yield BadInput("calendar-year", file=table.file, line=table.line("holidays", year), year=year)
    for name, calendar in table.data["calendars"].items():
        for position, span in enumerate(calendar["closed"]):
            for end in ("from", "to"):
                check_date(table, "calendars", name, "closed", position, end)
            if span["to"] < span["from"]:
                yield BadInput("calendar-span", file=table.file, line=table.line("calendars", name, "closed", position))
        for position in range(len(calendar["opened"])):
            check_date(table, "calendars", name, "opened", position)
        if calendar["closed_on_holidays"]:
            for year in range(first.year, last.year + 1):
                if not holidays.get(str(year)):
                    yield BadInput("calendar-holidays", file=table.file, line=table.line("holidays"), year=str(year))


def _freshness(tables: Tables) -> Iterator[BadInput]:
    """What is counted in a calendar has a limit, and the calendar exists."""
    parameters, calendars = tables["parameters"], tables["calendars"].data["calendars"]
    for group, calendar in parameters.data.get("freshness_counted_in", {}).items():
        line = parameters.line("freshness_counted_in", group)
        if group not in parameters.data.get("freshness_max_days", {group: 0}):
            yield BadInput("freshness-class-unknown", file=parameters.file, line=line, refresh=group)
        if calendar not in calendars:
            yield BadInput("calendar-unknown", file=parameters.file, line=line, calendar=calendar)
    sets = tables["named_sets"]
    for name, named_set in sets.data.items():
        group = named_set.get("refresh")
        if group is not None and group not in parameters.data.get("freshness_max_days", {group: 0}):
            line = sets.line(name, "refresh")
            yield BadInput("freshness-class-unknown", file=sets.file, line=line, refresh=group)


def _nesting(condition: Mapping[str, Any]) -> int:
    if condition["type"] == "field":
        return 0
    return 1 + max(_nesting(part) for part in condition["value"])


def _requirements(tables: Tables, *, controls: Mapping[str, Place], rego: frozenset[str]) -> Iterator[BadInput]:
    table = tables["requirements"]
    required = set()
    for action, names in table.data.items():
        for position, control in enumerate(names):
            line = table.line(action, position)
            if control not in controls:
                yield BadInput("control-unbound", file=table.file, line=line, control=control, action=action)
            elif control not in rego:
                yield BadInput("control-not-rego", file=table.file, line=line, control=control)
            required.add(control)
    for control in sorted(rego - required):
        place = controls[control]
        yield BadInput("control-not-required", file=place.file, line=place.line, control=control)


def _retention(tables: Tables) -> Iterator[BadInput]:
    """A question gets its first answer again for a whole period, so answers are kept for at least as long."""
    table = tables["parameters"]
    kept = table.data.get("retention", {}).get("kept-answers")
    least = _LONGEST_PERIOD[table.data.get("comparison_period", "fiscal_year")]
    if kept is not None and kept["days"] < least:
        line = table.line("retention", "kept-answers")
        yield BadInput("retention-too-short", file=table.file, line=line, days=least)


def _incidents(tables: Tables) -> Iterator[BadInput]:
    """The calendar in which the final report's last day must be open is one of the guideline's."""
    table = tables["parameters"]
    terms = table.data.get("incidents")
    if terms is not None and terms["final"]["calendar"] not in tables["calendars"].data["calendars"]:
        line = table.line("incidents", "final", "calendar")
        yield BadInput("annex-unknown", file=table.file, line=line, name=terms["final"]["calendar"])


def _reidentification(tables: Tables) -> Iterator[BadInput]:
    """Purposes, roles, organs, and the calendar of annex 4 are those of the guideline."""
    table = tables["parameters"]
    terms = table.data.get("reidentification")
    if terms is None:
        return
    known: Mapping[str, Container[str]] = {
        "purposes": tables["purposes"].data,
        "never_roles": tables["action_matrix"].data,
        "never_organs": table.data["organs"],
        "told": tables["action_matrix"].data,
    }
    for field, names in known.items():
        for position, name in enumerate(terms[field]):
            if name not in names:
                line = table.line("reidentification", field, position)
                yield BadInput("annex-unknown", file=table.file, line=line, name=name)
    if terms["emergency_within"]["calendar"] not in tables["calendars"].data["calendars"]:
        line = table.line("reidentification", "emergency_within", "calendar")
        yield BadInput("annex-unknown", file=table.file, line=line, name=terms["emergency_within"]["calendar"])
    for position, part in enumerate(terms["view"]):
        line = table.line("reidentification", "view", position)
        if any(name not in part["leave_out"] for name in (*part["reduced"], *filter(None, [part["alert"]]))):
            yield BadInput("annex-set-not-left-out", file=table.file, line=line, dataset=part["dataset"])
        if any(not set(columns) <= set(part["columns"]) for columns in part["reduced"].values()):
            yield BadInput("annex-reduced", file=table.file, line=line, dataset=part["dataset"])
