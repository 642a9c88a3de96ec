"""The sheet of an approval (決裁文書): what stands on it, in Japanese, as the office files it (第19条).

The sheet is made of the approval, its template's text as it is now, and the guideline. It holds no data of residents:
names of tables and items, forms, and who signed what when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from governance.approvals import Approval, Paper, Series, Signature, Template
from governance.catalogue import Catalogue
from governance.errors import BadInput, Lang
from governance.facts import QueryFacts
from governance.forms import parse_form
from governance.guideline import Guideline
from sekisho.approval_progress import STAGE_LABELS, STEP_LABELS, Progress, holders
from sekisho.approval_store import Change
from sekisho.exports import japanese_date
from sekisho.form_words import form_words

NOT_WRITTEN = "（記載なし）"
NOT_SIGNED = "未"

EVENT_LABELS: Mapping[str, str] = {
    "requested": "起案",
    **{step: label.ja for step, label in STEP_LABELS.items()},
    "returned": "差戻し",
    "recalled": "引戻し",
    "resubmitted": "再提出",
    "rejected": "不承認",
    "revoked": "取消し",
    "withdrawn": "取下げ",
}
"""What the history of an approval calls its events."""

_REASON_LIMIT = 400
_NUMBER_LIMIT = 60
_LONGEST_RETENTION = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item that the query reads: table, holder, item, and in which form it leaves, if it does."""

    department: str
    dataset: str
    column: str
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box for a signature (決裁欄): empty boxes say 未."""

    step: str
    section: str
    post: str
    name: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands on the sheet.

    Attributes:
        number: of the approval.
        fields: heading → text, in order.
        boxes: review, consultation of every holder, decision; taken or not.
        items: what the query reads.
        history: event, who, when, entry of the ledger, what was written.
        sql: the text that is approved, without the values of its parameters.
    """

    number: str
    title: str
    fields: tuple[tuple[str, str], ...]
    boxes: tuple[Box, ...]
    items: tuple[Item, ...]
    history: tuple[tuple[str, str, str, str, str], ...]
    sql: str

    def to_json(self) -> dict[str, Any]:
        """The sheet for programs."""
        return {
            "approval": self.number,
            "title": self.title,
            "fields": dict(self.fields),
            "boxes": [
                {"step": b.step, "section": b.section, "post": b.post, "name": b.name, "at": b.at} for b in self.boxes
            ],
            "items": [
                {"department": i.department, "dataset": i.dataset, "column": i.column, "form": i.form}
                for i in self.items
            ],
            "history": [
                {"event": event, "principal": who, "at": at, "ledger": entry, "remark": remark}
                for event, who, at, entry, remark in self.history
            ],
            "sql": self.sql,
        }


def check_paper(paper: Paper) -> None:
    """Check what a drafter wrote: short enough for the sheet, and nothing that does not print.

    Raises:
        BadInput: which part does not do, and what would; never the text itself.
    """
    for name, text, limit in (
        ("reason", paper.reason, _REASON_LIMIT),
        ("no-harm", paper.no_harm, _REASON_LIMIT),
        ("document-number", paper.document_number, _NUMBER_LIMIT),
    ):
        if text is not None and not (0 < len(text.strip()) <= len(text) <= limit and text.isprintable()):
            raise BadInput("approval-text-unfit", option=f"--{name}", limit=limit)
    if paper.retention_years is not None and not 1 <= paper.retention_years <= _LONGEST_RETENTION:
        raise BadInput("approval-retention-unfit", limit=_LONGEST_RETENTION)


def make_sheet(
    approval: Approval,
    changes: Sequence[Change],
    *,
    template: Template,
    facts: QueryFacts,
    stage: Progress,
    catalogue: Catalogue,
    guideline: Guideline,
) -> Sheet:
    """The sheet of an approval.

    Args:
        facts: of the template's text as it is now.
        stage: where the approval stands today; a text that has changed since is said there.
    """
    paper, purpose = approval.paper, guideline.tables["purposes"].get(approval.purpose, {})
    recipients = guideline.tables["recipients"]
    to = "、".join(recipients[name]["label"]["ja"] for name in purpose.get("recipients", ()) if name in recipients)
    decided = approval.approver.at if approval.approver is not None else None
    fields = (
        ("文書番号", paper.document_number or NOT_WRITTEN),
        ("承認番号", approval.id),
        ("状態", STAGE_LABELS[stage.stage].ja),
        *((("不承認・取消し・取下げの理由", approval.ending),) if approval.ending is not None else ()),
        ("件名", f"照会のひな形「{template.title_ja}」の利用について"),
        ("起案日", _day(approval.requested_at)),
        ("決裁日", _day(decided) if decided is not None else NOT_SIGNED),
        *_deputised(approval),
        ("起案者", approval.requester),
        ("起案理由", paper.reason or NOT_WRITTEN),
        *((("権利利益を不当に侵害するおそれがないことの確認", paper.no_harm),) if paper.no_harm is not None else ()),
        (
            "伺い文",
            _asks(approval, guideline),
        ),
        ("根拠", "\n".join(purpose.get("duty", ())) or NOT_WRITTEN),
        ("照会の根拠", _basis(approval, guideline)),
        ("利用目的", purpose.get("label", {}).get("ja", approval.purpose)),
        ("利用目的の期間", _term(purpose)),
        ("承認の期限", _day(approval.expires_at)),
        ("提供先", to or NOT_WRITTEN),
        ("個人情報保護影響評価番号", purpose.get("pia") or NOT_WRITTEN),
        ("秘匿措置", "別記「対象データ・項目」の形に変えてから各課を出る。ここにない項目は出ない。"),
        *_recurring(approval),
        ("ガイドラインの版", approval.guideline_version),
        ("添付", f"別紙　照会文（{template.id}）"),
        ("保存年限", f"{paper.retention_years}年" if paper.retention_years is not None else NOT_WRITTEN),
    )
    return Sheet(
        number=approval.id,
        title="決裁文書（照会のひな形の利用）",
        fields=fields,
        boxes=tuple(_boxes(approval, facts, catalogue)),
        items=tuple(_items(approval.purpose, facts, catalogue, guideline)),
        history=tuple(_history(approval, changes)),
        sql=template.sql.strip(),
    )


def _recurring(approval: Approval) -> Iterator[tuple[str, str]]:
    """How often it runs, and what was settled so that its runs do not tell who came and who went."""
    if approval.series is not None:
        yield "定期の集計", series_words(approval.series, "ja")


def series_words(series: Series, lang: Lang) -> str:
    """What was settled for a template that recurs, and why."""
    s = series
    if lang == "ja":
        return (
            f"毎月。人数は{s.rounding}の倍数に丸めて示す。"
            f"約{s.persons:,}人の集団の{s.runs}か月の転入・出生と転出・死亡を試算したところ、"
            f"丸めなければ{s.runs}回のうち{s.refused_exact}回は前の回との差から"
            "少数の人のことがわかるが、丸めればどの二回の差からもわからない。"
        )
    return (
        f"monthly; counts in multiples of {s.rounding}. With births and moves of {s.runs} months simulated for about "
        f"{s.persons:,} persons, {s.refused_exact} of {s.runs} runs would tell about a few if exact, and no two of "
        "them do when rounded."
    )


def _deputised(approval: Approval) -> Iterator[tuple[str, str]]:
    """Whose absence let a deputy decide, and until when the decider looks at it."""
    if not approval.absences:
        return
    away = "\n".join(
        f"{a.id}　{_day(a.first)}から{_day(a.last)}まで（記録：{a.recorded_by}）" for a in approval.absences
    )
    yield "専決者の不在", away
    if approval.acknowledge_by is not None:
        looked = _day(approval.acknowledged.at) if approval.acknowledged is not None else NOT_SIGNED
        yield "後閲", f"{looked}（期限 {_day(approval.acknowledge_by)}）"


def remarks_of(approval: Approval, changes: Sequence[Change]) -> Iterator[tuple[Change, str]]:
    """The changes of an approval, each with what its author wrote; empty where nothing had to be written."""
    written = list(approval.remarks)
    for change in changes:
        found = next((r for r in written if (r.event, r.by, r.at) == (change.event, change.principal, change.at)), None)
        if found is not None:
            written.remove(found)
        yield change, found.text if found is not None else ""


def _history(approval: Approval, changes: Sequence[Change]) -> Iterator[tuple[str, str, str, str, str]]:
    for change, remark in remarks_of(approval, changes):
        yield EVENT_LABELS[change.event], change.principal, _time(change.at), str(change.ledger_index), remark


def _boxes(approval: Approval, facts: QueryFacts, catalogue: Catalogue) -> Iterator[Box]:
    reviews: Sequence[Signature | None] = [s for s in approval.reviewers if s.step == "review"]
    for signature in reviews or (None,):
        yield _box("審査", "", signature)
    consents = {s.id: s for s in approval.reviewers if s.step == "consult"}
    for name in holders(facts, catalogue):
        department = catalogue.departments[name]
        yield _box("合議", department.label.ja, consents.get(department.steward))
    deputised = approval.approver is not None and approval.approver.step == "deputise"
    yield _box("代決" if deputised else "決裁", "", approval.approver)
    if deputised:
        yield _box("後閲", "", approval.acknowledged)


def _box(step: str, section: str, signature: Signature | None) -> Box:
    if signature is None:
        return Box(step=step, section=section, post="", name="", at=NOT_SIGNED)
    return Box(step=step, section=section, post=signature.post, name=signature.id, at=_time(signature.at))


def _items(purpose: str, facts: QueryFacts, catalogue: Catalogue, guideline: Guideline) -> Iterator[Item]:
    """Each item once, by table and in the table's own order."""
    granted = guideline.tables["allow_list"].get(purpose, {})
    read: dict[str, set[str]] = {}
    for scan in facts.scans:
        read.setdefault(scan.dataset, set()).update(column.column for column in scan.columns)
    for name in sorted(read):
        dataset = catalogue.dataset(name)
        forms = granted.get(name, {}).get("columns", {})
        for column in dataset.columns.values():
            if column.name in read[name]:
                yield Item(
                    department=catalogue.departments[dataset.department].label.ja,
                    dataset=dataset.label.ja,
                    column=column.label.ja,
                    form=form_words(parse_form(forms[column.name])) if column.name in forms else "認められていない",
                )


def _basis(approval: Approval, guideline: Guideline) -> str:
    kind = guideline.tables["parameters"].get("legal_bases", {}).get(approval.basis, {})
    return str(kind.get("label", {}).get("ja", approval.basis or NOT_WRITTEN))


def _asks(approval: Approval, guideline: Guideline) -> str:
    """What is asked for: a use within the purpose, or one of its own beyond the registered ones."""
    kind = guideline.tables["parameters"].get("legal_bases", {}).get(approval.basis, {})
    scope = "期限を定めた臨時の利用又は提供として" if "occasional" in kind else "利用目的の範囲で"
    return f"下記のひな形による照会を、{scope}、個人情報保護に関するガイドラインに従って行ってよろしいか伺います。"


def _term(purpose: Mapping[str, Any]) -> str:
    first, last = purpose.get("valid_from"), purpose.get("valid_to")
    if first is None and last is None:
        return NOT_WRITTEN
    end = f"{_day(last)}まで" if last else "（終わりを定めない）"
    return f"{_day(first) if first else ''}から{end}"


def _day(text: str) -> str:
    return japanese_date(date.fromisoformat(text[:10]))


def _time(text: str) -> str:
    at = datetime.fromisoformat(text)
    return f"{japanese_date(at.date())} {at:%H:%M}"
