"""Is a deployment sound: each of its parts, the parts with each other, and the sources of its departments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from audit.entry import entry_time
from audit.ledger import Ledger
from audit.verification import verify
from governance.catalogue import Catalogue, Label
from governance.errors import CheckFailed, SekishoError
from governance.freshness import freshness_classes
from governance.load_packages import check_roles, load_packages
from policies.open_engine import open_engine
from sekisho.approval_store import ApprovalStore
from sekisho.departments import local_departments, newest_seen
from sekisho.deployment import Deployment, findings
from sekisho.fairness_dues import fairness_dues
from sekisho.guideline_state import version_fault
from sekisho.package_dues import overdue
from sekisho.readings import reading_faults
from sekisho.registration_store import RegistrationStore
from sekisho.settings import EngineName
from sekisho.template_facts import template_facts

_LABELS: Mapping[str, Label] = {
    "deployment": Label(
        ja="設定・ガイドライン・データ項目台帳・アカウント・鍵", en="settings, guideline, catalogue, accounts, keys"
    ),
    "templates": Label(ja="ひな形の照会", en="query templates"),
    "policy": Label(ja="ポリシー", en="policy"),
    "approvals": Label(ja="承認の保管庫", en="store of approvals"),
    "guideline": Label(ja="ガイドラインの版", en="version of the guideline"),
    "ledger": Label(ja="監査記録", en="ledger"),
    "requests": Label(ja="本人や代理人の求めの期限", en="terms of persons' requests"),
    "incidents": Label(ja="漏えい等の報告の期限", en="terms of reports on incidents"),
    "review": Label(ja="監査記録の点検", en="review of the ledger"),
    "fairness": Label(ja="判定の偏りの確認", en="looks at the fairness of judgements"),
    "retention": Label(ja="保存期間", en="terms of what is kept"),
    "packages": Label(
        ja="委託先への提供物（作り方と消去証明）", en="packages for contractors: recipes, certificates of deletion"
    ),
}

_LATE_REPORT = {"preliminary": "incident-preliminary-overdue", "final": "incident-final-overdue"}

_AHEAD = timedelta(days=31)
"""How long before its end a calendar is told to need more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """What was found in one part."""

    part: str
    label: Label
    errors: tuple[SekishoError, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.errors


def check(folder: Path, *, engine: EngineName | None = None) -> Iterator[PartResult]:
    """Check a deployment part by part; a part that is needed for the others ends the check where it is not sound.

    Args:
        engine: the policy engine that is started, the settings' one unless given.
    """
    try:
        deployment = Deployment.load(folder)
    except SekishoError as error:
        yield _result("deployment", (error, *_further(folder, error)))
        return
    yield _result("deployment", ())
    yield _checked("templates", lambda: _templates(deployment))
    yield _checked("policy", lambda: _policy(deployment, engine or deployment.settings.engine))
    yield _checked("approvals", lambda: _approvals(deployment))
    yield _checked("guideline", lambda: _guideline(deployment))
    yield _checked("ledger", lambda: _ledger(deployment))
    yield _retention(deployment, engine)
    yield _review(deployment, engine)
    yield _fairness(deployment, engine)
    yield _requests(deployment, engine)
    yield _incidents(deployment, engine)
    yield from _sources(deployment)
    yield _packages(deployment, engine or deployment.settings.engine)


def _further(folder: Path, first: SekishoError) -> tuple[SekishoError, ...]:
    """The other faults between the parts, where the parts by themselves are sound."""
    try:
        return tuple(f.error for f in findings(folder) if (f.code, f.params) != (first.code, first.params))
    except SekishoError:
        return ()


def _templates(deployment: Deployment) -> None:
    for template in deployment.templates.values():
        facts = template_facts(
            template,
            catalogue=deployment.catalogue,
            digest_key=deployment.digest_key,
            as_of=deployment.clock().date(),
        )
        for fault in reading_faults(template, facts=facts, guideline=deployment.guideline):
            raise fault


def _policy(deployment: Deployment, engine: EngineName) -> None:
    with open_engine(engine, deployment.catalogue, deployment.guideline):
        pass
    today = deployment.clock().date()
    soon = today + _AHEAD
    for known in freshness_classes(deployment.guideline, on=today).values():
        if known.calendar is not None and known.calendar.last < soon:
            raise CheckFailed("check-calendar-ends", last=known.calendar.last.isoformat())


def _approvals(deployment: Deployment) -> None:
    ApprovalStore.open(deployment.layout.store).all()


def _guideline(deployment: Deployment) -> None:
    fault = version_fault(deployment.guideline, store=RegistrationStore.open(deployment.layout.store))
    if fault is not None:
        raise CheckFailed(fault.code, **fault.params)


def _ledger(deployment: Deployment) -> None:
    path = deployment.layout.ledger
    seen = newest_seen(deployment.catalogue, layout=deployment.layout)
    with Ledger.open(path, pinned=deployment.ledger_vkey, seen=seen) as ledger:
        origin = ledger.origin
    report = verify(path, vkey=deployment.ledger_vkey, origin=origin)
    if not report.ok:
        raise CheckFailed("ledger-not-whole", findings=len(report.findings))


def _retention(deployment: Deployment, engine: EngineName | None) -> PartResult:
    """What is past its term and still there, kind by kind, unless something holds its erasure up."""
    try:
        with deployment.broker(engine) as broker:
            if broker.retention.holds():
                return _result("retention", ())
            late = [line for line in broker.retention.terms(deployment.clock().date()) if line.past]
    except SekishoError as error:
        return _result("retention", (error,))
    return _result(
        "retention", tuple(CheckFailed("retention-overdue", kind=line.label.ja, count=line.past or 0) for line in late)
    )


def _review(deployment: Deployment, engine: EngineName | None) -> PartResult:
    """Whether the auditor's review of the ledger is overdue, where the guideline says how often there is one."""
    today = deployment.clock().date()
    most = deployment.guideline.parameters(today).get("ledger_review_max_days")
    if most is None:
        return _result("review", ())
    try:
        with deployment.broker(engine) as broker:
            last = broker.matters.last_review() or broker.ledger.entry(0)
    except SekishoError as error:
        return _result("review", (error,))
    late = (today - entry_time(last.document).date()).days > most
    return _result("review", (CheckFailed("ledger-review-overdue", days=most),) if late else ())


def _fairness(deployment: Deployment, engine: EngineName | None) -> PartResult:
    """Whether somebody has looked at the report since the last judgement; nothing where nobody is judged."""
    today = deployment.clock().date()
    days = deployment.guideline.parameters(today).get("judgement", {}).get("evaluation", {}).get("look_within_days")
    if days is None or not deployment.layout.work_list.exists():
        return _result("fairness", ())
    try:
        with deployment.broker(engine) as broker:
            cycles = broker.candidates.work_list.cycles()
            dues = fairness_dues(cycles, broker.ledger, days=days, today=today)
    except SekishoError as error:
        return _result("fairness", (error,))
    found = [CheckFailed("fairness-uncounted", cycle=cycle) for cycle in dues.uncounted]
    if dues.not_looked_at is not None:
        found.append(CheckFailed("fairness-overdue", cycle=dues.not_looked_at, days=days))
    return _result("fairness", tuple(found))


def _requests(deployment: Deployment, engine: EngineName | None) -> PartResult:
    """Requests of persons whose term is over and that nobody has decided."""
    try:
        with deployment.broker(engine) as broker:
            late = broker.requests.overdue(deployment.clock().date())
    except SekishoError as error:
        return _result("requests", (error,))
    return _result(
        "requests",
        tuple(CheckFailed("request-overdue", number=each.number, day=each.due.isoformat()) for each in late),
    )


def _incidents(deployment: Deployment, engine: EngineName | None) -> PartResult:
    """Reports on incidents whose last day is over and that nobody has recorded."""
    try:
        with deployment.broker(engine) as broker:
            late = [due for due in broker.incidents.due(deployment.clock().date()) if due.days < 0]
    except SekishoError as error:
        return _result("incidents", (error,))
    return _result(
        "incidents",
        tuple(
            CheckFailed(f"incident-{due.stage}-overdue", number=due.number, day=due.last_day.isoformat())
            for due in late
        ),
    )


def _sources(deployment: Deployment) -> Iterator[PartResult]:
    try:
        departments = local_departments(
            deployment.catalogue, layout=deployment.layout, ledger_vkey=deployment.ledger_vkey
        )
    except SekishoError as error:
        yield PartResult(part="departments", label=Label(ja="保有課の側", en="the departments' side"), errors=(error,))
        return
    today = deployment.clock().date()
    for name, department in departments.items():
        errors: tuple[SekishoError, ...] = ()
        try:
            department.check(as_of=today)
        except SekishoError as error:
            errors = (error,)
        yield PartResult(part=f"department:{name}", label=_holder(name, deployment.catalogue), errors=errors)


def _holder(name: str, catalogue: Catalogue) -> Label:
    """A department with what it declares to hold no data subject: nobody but people can tell whether that is so."""
    label = catalogue.departments[name].label
    declared = sorted(d.name for d in catalogue.datasets.values() if d.department == name and d.impersonal)
    if not declared:
        return label
    return Label(
        ja=f"{label.ja}（個人に関する行がないとされた表：{'、'.join(declared)}）",
        en=f"{label.en} (declared to hold no data subject: {', '.join(declared)})",
    )


def _packages(deployment: Deployment, engine: EngineName) -> PartResult:
    try:
        recipes = load_packages(
            deployment.layout.packages, templates=deployment.templates, guideline=deployment.guideline
        )
        for recipe in recipes.values():
            facts = template_facts(
                deployment.templates[recipe.template],
                catalogue=deployment.catalogue,
                digest_key=deployment.digest_key,
                as_of=deployment.clock().date(),
            )
            check_roles(recipe, facts, catalogue=deployment.catalogue)
        with deployment.broker(engine) as broker:
            late = overdue(
                broker.packages.statuses(),
                parameters=deployment.guideline.parameters(deployment.clock().date()),
                today=deployment.clock().date(),
            )
    except SekishoError as error:
        return _result("packages", (error,))
    return _result("packages", late)


def _checked(part: str, run: Callable[[], None]) -> PartResult:
    try:
        run()
    except SekishoError as error:
        return _result(part, (error,))
    return _result(part, ())


def _result(part: str, errors: tuple[SekishoError, ...]) -> PartResult:
    return PartResult(part=part, label=_LABELS[part], errors=errors)
