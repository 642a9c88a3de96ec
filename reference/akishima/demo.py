"""What ``sekisho demo`` shows on the reference city: the entry point ``akishima`` of the group ``sekisho.demos``.

The story is the main job of the support centre, told with people of a generator (架空データ): an approval that its own
drafter cannot grant, a query across four holders that answers masked, the ways in which the same question is refused,
the four types of difficulty over all holders with what left each of them, and a statistic without small groups.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from importlib import resources
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

from governance.approvals import Step as ApprovalStep
from governance.catalogue import Label
from governance.errors import Lang
from query_broker.release import Release
from reference.akishima.demo_duties import duties
from reference.akishima.demo_judgement import judgement
from reference.akishima.demo_notification import TEMPLATE as LOOK_UP
from reference.akishima.demo_notification import notification
from reference.akishima.demo_packages import packages
from reference.akishima.demo_refusals import PURPOSE, query_text, refusals
from reference.akishima.demo_reidentification import reidentification
from reference.akishima.demo_rights import rights
from reference.akishima.demo_vendors import register_keys
from reference.akishima.generate import DEFAULT_SEED, FULL_POPULATION, STAGES, Progress, generate
from sekisho.actions import Asker
from sekisho.approval_progress import STEP_LABELS
from sekisho.broker import Broker
from sekisho.demo import NotAsExpected, Say, Stage, Step
from sekisho.exports import Reading, people_rows
from sekisho.readings import reading_of
from sekisho.template_facts import template_facts

TEMPLATE = "yc-household-care"
STEWARDS = ("steward-shimin", "steward-kaigo", "steward-kyoiku", "steward-school")

FEATURES: Mapping[str, tuple[str, Label]] = {
    "yc-features": ("young_carer", Label(ja="ヤングケアラー", en="young carers")),
    "pv-features": ("poverty", Label(ja="貧困", en="poverty")),
    "ab-features": ("abuse", Label(ja="虐待", en="abuse")),
    "tr-features": ("truancy", Label(ja="不登校", en="truancy")),
}
"""Feature template → its purpose and its type of difficulty."""

_SHOWN_COLUMNS = 10
"""Columns of a feature template that fit a terminal; an export has all."""

_STATISTIC: Mapping[Lang, Mapping[str, str]] = {
    "ja": {"town_code": "町コード", "n_siblings": "きょうだいの数", "children": "こどもの人数"},
    "en": {"town_code": "town code", "n_siblings": "siblings", "children": "children"},
}
"""Columns of the statistic, which is asked without a template."""

_BEGINNING = datetime.fromisoformat("2023-09-01T09:00:00+09:00")
_SHORT_TERM = date(2023, 9, 15)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class AkishimaDemo:
    """The reference city as `sekisho.demo.City`."""

    def build(self, folder: Path, *, population: int | None, seed: int | None, say: Say) -> None:
        """Write the deployment's files and its departments' sources into an empty folder."""
        say(
            ja="架空の市をつくります。実在の人は一人もいません。",
            en="Building a city of synthetic people; none of them exists.",
        )
        guideline, city = resources.files("guideline_docs"), resources.files("reference.akishima")
        with resources.as_file(guideline) as source:
            for part in ("articles", "tables"):
                shutil.copytree(source / part, folder / "guideline" / part)
        with resources.as_file(city) as source:
            shutil.copytree(source / "catalogue", folder / "catalogue")
            shutil.copytree(source / "templates", folder / "templates")
            shutil.copytree(source / "rules", folder / "guideline" / "rules")
            shutil.copytree(source / "packages", folder / "guideline" / "packages")
            for file in ("deployment.yaml", "principals.yaml"):
                shutil.copy(source / file, folder / file)

        register_keys(folder)
        with _progress_bar(say) as tell:
            built = generate(
                folder,
                population=FULL_POPULATION if population is None else population,
                seed=DEFAULT_SEED if seed is None else seed,
                progress=tell,
            )
        say(
            ja=f"   住民 {built.residents:,} 人、{built.households:,} 世帯、対象のこども {built.target_children:,} 人",
            en=f"   {built.residents:,} residents, {built.households:,} households, "
            f"{built.target_children:,} target children",
        )

    def beginning(self) -> datetime:
        """The month before the base date, so that an approval has time to expire."""
        return _BEGINNING

    def story(self) -> Sequence[Step]:
        """What is shown, in this order."""
        return (
            Step(
                title=Label(
                    ja="ガイドラインを総括保護管理者が承認する（ポリシーが先、データが後）",
                    en="The chief privacy officer approves the guideline: policy first, data after",
                ),
                show=_approve_guideline,
            ),
            Step(
                title=Label(
                    ja="9月1日、9月15日までの承認を受けておく",
                    en="On 1 September an approval until 15 September is granted",
                ),
                show=_short_approval,
            ),
            Step(
                title=Label(
                    ja="10月1日、支援センターの担当者がひな形の承認を起案する",
                    en="On 1 October a case worker drafts the approval of a template",
                ),
                show=_draft,
            ),
            Step(
                title=Label(ja="起案した本人が、自分で審査しようとする", en="The drafter tries to review it alone"),
                show=_own_review,
            ),
            Step(
                title=Label(
                    ja="個人情報担当が審査し、保有課が合議し、総括保護管理者が決裁する",
                    en="The privacy team reviews, the holders consent, the chief privacy officer decides",
                ),
                show=_grant,
            ),
            Step(
                title=Label(
                    ja="承認された照会: こども × 世帯の介護 × 学校の欠席",
                    en="The approved query: child x care in the household x school absence",
                ),
                show=_run,
            ),
            *refusals(),
            *(
                Step(
                    title=Label(
                        ja=f"四つの類型: {label.ja}の手がかりを、こども一人一行で",
                        en=f"The four types: signs of {label.en}, one row a child",
                    ),
                    show=partial(_features, template=template),
                )
                for template, (_, label) in FEATURES.items()
            ),
            Step(
                title=Label(
                    ja="四つの類型で、どの課から何セルが出たか", en="What left which holder for the four types"
                ),
                show=_what_left,
            ),
            *judgement(),
            *reidentification(),
            Step(
                title=Label(
                    ja="統計: 町ときょうだい数ごとの人数。小さな組は出さない",
                    en="A statistic by town and siblings, without small groups",
                ),
                show=_statistic,
            ),
            *packages(_approve),
            *notification(_approve, partial(_show_some, template=LOOK_UP)),
            *rights(_ask_approved),
            *duties(TEMPLATE, upto_decision=_signers()[:-1]),
        )


CITY = AkishimaDemo()


@contextmanager
def _progress_bar(say: Say) -> Iterator[Progress]:
    """A bar for each stage while it runs, on standard error and only in a terminal; a line when it is done."""
    with ProgressBar(
        TextColumn("   {task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        running: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            label = STAGES[stage]
            if stage not in running:
                running[stage] = bar.add_task(f"{label['ja']} ({label['en']})", total=total)
            bar.update(running[stage], completed=done)
            if done == total:
                bar.remove_task(running[stage])
                say(ja=f"   {label['ja']}: {total:,}", en=f"   {label['en']}: {total:,}")

        yield tell


def _approve_guideline(stage: Stage) -> None:
    with stage.earlier(_BEGINNING) as broker:
        stage.refused(lambda: broker.guideline.approve(_then(stage, broker, "privacy", "reviewer")), article=6)
        state = broker.guideline.approve(_then(stage, broker, "cpo", "cpo"))
    if state.approval is None:
        raise NotAsExpected(ja="ガイドラインが承認されていません。", en="The guideline is not approved.")
    stage.say(
        ja=f"○ 版 {state.version} を {state.approval.id} が承認しました。一字でも変えると案に戻ります。",
        en=f"o {state.approval.id} approved version {state.version}; changed in one letter, it is a draft again.",
    )


def _then(stage: Stage, broker: Broker, name: str, hat: str) -> Asker:
    """An account at the beginning of the story."""
    token = stage.deployment.issuer.issue(stage.deployment.principals[name], now=_BEGINNING)
    return broker.asker(token, hat=hat)


def _short_approval(stage: Stage) -> None:
    with stage.earlier(_BEGINNING) as broker:
        approvals = broker.approvals
        drafted = approvals.request(_then(stage, broker, "center", "controller"), template=TEMPLATE, until=_SHORT_TERM)
        stage.notes["expired"] = drafted.id
        for name, hat, step in _signers():
            approvals.sign(_then(stage, broker, name, hat), approval=drafted.id, step=step)
    stage.say(ja=f"{drafted.id} 期限 {drafted.expires_at}", en=f"{drafted.id}, until {drafted.expires_at}")


def _draft(stage: Stage) -> None:
    drafted = stage.broker.approvals.request(stage.asker("center", hat="controller"), template=TEMPLATE)
    stage.notes["approval"] = drafted.id
    stage.say(
        ja=f"{drafted.id}: ひな形 {drafted.template}、期限 {drafted.expires_at}（年度末）",
        en=f"{drafted.id}: template {drafted.template}, until {drafted.expires_at} (the fiscal year's end)",
    )


def _own_review(stage: Stage) -> None:
    number = stage.notes["approval"]
    stage.refused(
        lambda: stage.broker.approvals.sign(stage.asker("center", hat="controller"), approval=number, step="review"),
        article=6,
    )


def _grant(stage: Stage) -> None:
    number = stage.notes["approval"]
    for name, hat, step in _signers():
        approval = stage.broker.approvals.sign(stage.asker(name, hat=hat), approval=number, step=step)
        said = STEP_LABELS[step]
        stage.say(ja=f"{name} が署名しました（{said.ja}）", en=f"{name} has signed ({said.en})")
    if approval.state != "granted":
        raise NotAsExpected(ja="決裁済になりません。", en="It is not granted.")


def _run(stage: Stage) -> None:
    release = _ask_approved(stage)
    _show_some(stage, release, template=TEMPLATE)
    for name in release.table.column_names:
        if len(set(release.table.column(name).to_pylist())) < 2:
            raise NotAsExpected(ja=f"{name} がどのこどもでも同じ値です。", en=f"{name} is the same for every child.")
    _check_rows(release)


def _check_rows(release: Release) -> None:
    pseudonyms = release.table.column("resident_id").to_pylist()
    if not all(isinstance(p, UUID) for p in pseudonyms) or len(set(pseudonyms)) != release.rows:
        raise NotAsExpected(ja="こども一人に一行ではありません。", en="It is not one row a child.")


def _features(stage: Stage, *, template: str) -> None:
    """An approval of a feature template, drafted and signed by all whose data it reads, and its answer."""
    purpose, _ = FEATURES[template]
    number = _approve(stage, template)
    release = stage.ask("center", hat="controller", purpose=purpose, approval=number)
    _show_some(stage, release, template=template, columns=_SHOWN_COLUMNS)
    stage.notes[template] = json.dumps(dict(release.cells))
    _check_rows(release)


def _approve(stage: Stage, template: str) -> str:
    """An approval of a template, drafted and signed by all whose data it reads."""
    approvals, drafter = stage.broker.approvals, stage.asker("center", hat="controller")
    number = approvals.request(drafter, template=template).id
    stewards = _stewards_of(stage, template)
    for name, hat, step in _signers(stewards):
        approval = approvals.sign(stage.asker(name, hat=hat), approval=number, step=step)
    if approval.state != "granted":
        raise NotAsExpected(ja="決裁済になりません。", en="It is not granted.")
    stage.say(
        ja=f"{number}: 審査（privacy）、合議（保有課 {len(stewards)}）、決裁（cpo）",
        en=f"{number}: reviewed by privacy, consented to by {len(stewards)} holders, decided by cpo",
    )
    return number


def _what_left(stage: Stage) -> None:
    """Holders down, types across, in cells; every holder has sent something for some type."""
    cells: Mapping[str, Mapping[str, int]] = {template: json.loads(stage.notes[template]) for template in FEATURES}
    departments = stage.deployment.catalogue.departments
    lang = stage.terminal.lang
    rows = []
    for name, department in departments.items():
        sent = [cells[template].get(name, 0) for template in FEATURES]
        rows.append([getattr(department.label, lang), *(f"{count:,}" if count else "-" for count in sent)])
        if not any(sent):
            raise NotAsExpected(ja=f"{name} から何も出ていません。", en=f"Nothing came from {name}.")
    heading = {"ja": "保有課", "en": "holder"}[lang]
    stage.table([heading, *(getattr(label, lang) for _, label in FEATURES.values())], rows, of=len(rows))


def _stewards_of(stage: Stage, template: str) -> Sequence[str]:
    """The 保護管理者 of every department whose datasets the template reads."""
    deployment, catalogue = stage.deployment, stage.deployment.catalogue
    day, key = deployment.clock().date(), deployment.digest_key
    facts = template_facts(deployment.templates[template], catalogue=catalogue, digest_key=key, as_of=day)
    departments = {catalogue.dataset(scan.dataset).department for scan in facts.scans}
    return [department.steward for name, department in catalogue.departments.items() if name in departments]


def _statistic(stage: Stage) -> None:
    release = stage.ask("center", hat="controller", purpose="stat", sql=query_text("stat_by_town"))
    _show_some(stage, release)
    left_out = stage.broker.ledger.entry(release.ledger_index).document["suppressed_groups"]
    if left_out == 0:
        raise NotAsExpected(ja="小さな組が一つもありません。", en="There was no small group to suppress.")


def _ask_approved(stage: Stage) -> Release:
    """The approved query of the story, as whoever runs it."""
    return stage.ask("center", hat="controller", purpose=PURPOSE, approval=stage.notes["approval"])


def _show_some(stage: Stage, release: Release, *, template: str | None = None, columns: int | None = None) -> None:
    """The rows with most in them, their first columns, and what the answer cost."""
    lang = stage.terminal.lang
    reading = Reading(headings=_STATISTIC[lang])
    if template is not None:
        reading = reading_of(stage.deployment.templates[template], guideline=stage.deployment.guideline, lang=lang)
    rows = list(people_rows(release.table, lang=lang, reading=reading))
    missing = [list(row.values()).count(None) for row in release.table.to_pylist()]
    fullest = sorted(range(len(rows)), key=lambda position: missing[position])[:_SHOWN]
    headings = [reading.heading(name) for name in release.table.column_names]
    names, rest = headings[:columns], headings[columns or len(headings) :]
    stage.table(names, [rows[position][: len(names)] for position in fullest], of=release.rows)
    if rest:
        stage.say(ja=f"  ほかに {len(rest)} 項目: {'、'.join(rest)}", en=f"  and {len(rest)} more: {', '.join(rest)}")
    stage.cost(release)


def _signers(stewards: Sequence[str] | None = None) -> Sequence[tuple[str, str, ApprovalStep]]:
    return (
        ("privacy", "reviewer", "review"),
        *((steward, "data_steward", "consult") for steward in (STEWARDS if stewards is None else stewards)),
        ("cpo", "cpo", "decide"),
    )
