"""The work list in words: what people read for states, places, tasks and endings, and the rows of its sheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from governance.catalogue import Label
from governance.errors import Lang
from risk.candidates import Candidate, Ending, Place, State, Task, Verdict
from risk.cycles import Cycle
from risk.rule_set import RuleSet

DIGITS = 8
"""Of a pseudonym, as people compare them."""

STATES: Mapping[State, Label] = {
    "candidate": Label(ja="候補", en="candidate"),
    "desk_review": Label(ja="書類確認中", en="desk review"),
    "reid_requested": Label(ja="再識別の申請中", en="re-identification requested"),
    "reid_approved": Label(ja="再識別の決裁済み", en="re-identification approved"),
    "case_open": Label(ja="個別に対応中", en="case open"),
    "consulted": Label(ja="関係先に照会済み", en="consulted"),
    "case_meeting": Label(ja="会議で検討", en="case meeting"),
    "outcome": Label(ja="判断済み", en="outcome"),
    "closed": Label(ja="終了", en="closed"),
}
PLACES: Mapping[Place, Label] = {
    "alert": Label(ja="直ちに確かめる（枠の外）", en="alert, outside of the capacity"),
    "chosen": Label(ja="今回見る", en="within the capacity"),
    "waiting": Label(ja="枠を待つ", en="waiting"),
    "sample": Label(ja="見落としの確認（くじ）", en="drawn to look for what is missed"),
    "added": Label(ja="職員が加えた", en="added by staff"),
}
TASKS: Mapping[Task, Label] = {
    "hand_over": Label(ja="転出先への引継ぎの要否", en="hand over, or is that not necessary"),
    "renumber": Label(ja="番号の付替え（鍵の更新）", en="to be translated to the new keys"),
}
ENDINGS: Mapping[Ending, Label] = {
    "assessed": Label(ja="判断を記録", en="assessed"),
    "expired": Label(ja="兆しがなくなり期限切れ", en="expired without a sign"),
    "handed_over": Label(ja="引き継いだ", en="handed over"),
    "no_hand_over": Label(ja="引継ぎ不要", en="no hand-over necessary"),
    "not_pursued": Label(ja="書類確認で終了", en="not pursued"),
    "rekeyed": Label(ja="鍵の更新で終了", en="ended with the change of keys"),
}
EVENTS: Mapping[str, Label] = {
    "listed": Label(ja="候補に挙がった", en="listed"),
    "carried_over": Label(ja="次の回に残った", en="carried over"),
    "left": Label(ja="回答からいなくなった", en="in the answers no longer"),
    "returned": Label(ja="回答に戻った", en="in the answers again"),
    "expired": ENDINGS["expired"],
    "rekeyed": Label(ja="鍵が改まった", en="the keys changed"),
    "handed_over": ENDINGS["handed_over"],
    "no_hand_over": ENDINGS["no_hand_over"],
    "still_here": Label(ja="対象のままと確かめた", en="found to be here still"),
    "papers_begun": Label(ja="書類確認を始めた", en="began to look at the papers"),
    "papers_judged": Label(ja="書類で判断した", en="judged on the papers"),
    "consulted": Label(ja="関係先に尋ねた", en="consulted others"),
    "met": Label(ja="会議で検討した", en="brought before a meeting"),
    "reopened": Label(ja="改めて見ることにした", en="to be looked at again"),
    "reid_requested": Label(ja="再識別を申請した", en="asked for a re-identification"),
    "reid_granted": Label(ja="再識別が決裁された", en="the re-identification was granted"),
    "reid_rejected": Label(ja="再識別が却下された", en="the re-identification was rejected"),
    "reid_nobody": Label(ja="台帳に該当がなかった", en="the register held nobody to be shown"),
    "reid_closed": Label(ja="再識別を取りやめた", en="the re-identification was ended without a view"),
    "case_open": Label(ja="個別票を開いた", en="the case view was opened"),
    "judged": Label(ja="判断して個別票を閉じた", en="judged, and the case view closed"),
}
"""What cycles, settlements and the steps of people write into a history."""
VERDICTS: Mapping[Verdict, Label] = {
    "support": Label(ja="要支援", en="support"),
    "watch": Label(ja="要見守り", en="watch"),
    "no_support": Label(ja="支援不要", en="no support needed"),
    "insufficient": Label(ja="情報不足", en="not enough known"),
    "supported_already": Label(ja="既支援中", en="supported already"),
    "wrong_person": Label(ja="誤突合", en="wrongly linked"),
}

HEADINGS: Mapping[Lang, tuple[str, ...]] = {
    "ja": ("番号", "仮の番号", "世帯", "区分", "類型", "点", "網羅率", "手がかり", "状態", "確かめること", "初めの回"),
    "en": (
        "number", "pseudonym", "household", "place", "type", "score", "coverage", "factors met", "state", "to settle",
        "first cycle",
    ),
}  # fmt: skip


def word(label: Label, lang: Lang) -> str:
    """A label in a language."""
    return label.ja if lang == "ja" else label.en


def list_rows(
    candidates: Iterable[Candidate],
    *,
    rules: Mapping[str, RuleSet],
    purposes: Mapping[str, Label],
    lang: Lang,
) -> list[tuple[str, ...]]:
    """One row for each type that found something; of somebody with a task, the task alone.

    Somebody whom the answers hold no longer may be under protection or suspended by now, so that neither points nor
    reasons are shown.
    """
    rows: list[tuple[str, ...]] = []
    for each in candidates:
        head = (
            each.number,
            str(each.subject)[:DIGITS],
            str(each.household)[:DIGITS] if each.household is not None else "-",
            word(PLACES["alert" if each.alert else each.place], lang),
        )
        tail = (
            word(STATES[each.state], lang),
            word(TASKS[each.task], lang) if each.task is not None else "-",
            each.first_cycle,
        )
        shown = [] if each.task is not None else [(p, f) for p, f in each.found.items() if f.hits and f.queue != "none"]
        if not shown:
            rows.append((*head, "-", "-", "-", "-", *tail))
        for purpose, found in shown:
            rows.append(
                (
                    *head,
                    f"{word(purposes[purpose], lang)} {found.band if found.band != 'none' else '-'}",
                    f"{float(found.points):g}",
                    f"{float(found.coverage):.0%}",
                    "、".join(reason(rules, purpose, hit, lang) for hit in found.hits),
                    *tail,
                )
            )
    return rows


def reason(rules: Mapping[str, RuleSet], purpose: str, factor: str, lang: Lang) -> str:
    """The label of a factor; its id, where today's criteria have it no longer."""
    known = rules.get(purpose)
    return word(known.factors[factor].label, lang) if known is not None and factor in known.factors else factor


def candidate_document(candidate: Candidate) -> dict[str, Any]:
    """A candidate for programs; of somebody with a task, the task alone."""
    outcome = candidate.outcome
    return {
        "number": candidate.number,
        "pseudonym": str(candidate.subject),
        "household": str(candidate.household) if candidate.household is not None else None,
        "place": candidate.place,
        "alert": candidate.alert,
        "priority": candidate.priority,
        "state": candidate.state,
        "task": candidate.task,
        "ending": candidate.ending,
        "first_cycle": candidate.first_cycle,
        "last_cycle": candidate.last_cycle,
        "types": {}
        if candidate.task is not None
        else {
            purpose: {
                "queue": found.queue,
                "band": found.band,
                "score": float(found.points),
                "coverage": round(float(found.coverage), 4),
                "hits": list(found.hits),
                "unknown": list(found.unknown),
            }
            for purpose, found in candidate.found.items()
        },
        "outcome": None
        if outcome is None
        else {
            "verdict": outcome.verdict,
            "reason": outcome.reason,
            "wish": outcome.wish,
            "wish_missing": outcome.wish_missing,
            "by": outcome.by,
            "at": outcome.at,
        },
    }


def cycle_document(cycle: Cycle) -> dict[str, Any]:
    """A cycle for programs."""
    return {
        "id": cycle.id,
        "at": cycle.at,
        "as_of": cycle.as_of,
        "principal": cycle.principal,
        "ledger_index": cycle.ledger_index,
        "rules": dict(cycle.rules),
        "releases": dict(cycle.releases),
        "room": cycle.room,
        "counts": dict(cycle.counts),
    }
