"""Releases and explanations as JSON documents and as text for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlglot

from governance.catalogue import Catalogue
from governance.errors import Lang
from governance.freshness import freshness_classes
from governance.guideline import Guideline
from query_broker.release import Explanation, Release
from sekisho.exports import japanese_date, json_rows
from sekisho.terminal import citation_document


def small_groups(release: Release, lang: Lang) -> str:
    """The sentence that small groups are left out, the same whether there were any; empty for row-level answers."""
    if release.smallest_group == 0:
        return ""
    k, first, base = release.smallest_group, release.repeats, release.rounding
    if lang == "ja":
        rounded = f"人数は{base}の倍数に丸めています。" if base else ""
        again = f"この期間に同じ照会があったため、初めの回答（監査記録 {first} 番）を示します。" if first else ""
        return f"{k}人（世帯）未満の区分は、あっても出しません。{rounded}{again}"
    rounded = f"Counts are rounded to multiples of {base}. " if base else ""
    again = (
        f"The same was asked before in this period: this is the first answer again (entry {first}). " if first else ""
    )
    return f"Groups of fewer than {k} persons or households are left out, if there are any. {rounded}{again}"


def coverage_text(release: Release, catalogue: Catalogue, lang: Lang) -> str:
    """For how much of a row-level answer each dataset had a known answer; empty for answers about groups."""
    if not release.known or not release.rows:
        return ""
    shares = [
        f"{getattr(catalogue.dataset(name).label, lang)} {known_share(known, release.rows)}"
        for name, known in release.known.items()
    ]
    if lang == "ja":
        return f"記録のある人の割合（ないことが分かる場合を含む）: {'、'.join(shares)}。"
    return f"Share of people with a known answer (known to have none included): {', '.join(shares)}."


def stale_text(
    stale: Mapping[str, date], catalogue: Catalogue, guideline: Guideline, *, today: date, lang: Lang
) -> str:
    """Which sources were out of date and not asked, as of when and since when; empty where there are none."""
    if not stale:
        return ""
    classes = freshness_classes(guideline, on=today)
    named = []
    for name, day in stale.items():
        dataset = catalogue.dataset(name)
        known = classes.get(dataset.refresh)
        since = known.stale_from(day) if known is not None else None
        if lang == "ja":
            ended = f"、{japanese_date(since)}から期限切れ" if since is not None else ""
            named.append(f"{dataset.label.ja}（{japanese_date(day)}現在{ended}）")
        else:
            ended = f", out of date since {since.isoformat()}" if since is not None else ""
            named.append(f"{dataset.label.en} (as of {day.isoformat()}{ended})")
    if lang == "ja":
        return f"古いため使わなかった情報: {'、'.join(named)}。これに基づく項目は「不明」で、「ない」ではありません。"
    return f"Out of date and not used: {', '.join(named)}. What rests on it is unknown, which is not none."


def known_share(known: int, of: int) -> str:
    """A share in whole percent that is 100% or 0% only where it is all or none."""
    percent = round(100 * known / of) if of else 0
    if 0 < known < of:
        percent = min(99, max(1, percent))
    return f"{percent}%"


def release_document(release: Release) -> dict[str, Any]:
    """A release with its cost (I9)."""
    return {
        "request": release.request,
        "columns": [{"name": field.name, "type": str(field.type)} for field in release.table.schema],
        "rows": json_rows(release.table),
        "row_count": release.rows,
        "smallest_group": release.smallest_group,
        "rounding": release.rounding,
        "cells": dict(release.cells),
        "coverage": {name: {"known": known, "of": release.rows} for name, known in release.known.items()},
        "stale": {name: day.isoformat() for name, day in release.stale.items()},
        "unknown_columns": sorted(release.unknown),
        "controls": list(release.controls),
        "articles": list(release.articles),
        "basis": release.basis,
        "ledger": {"decision": release.decision_index, "release": release.ledger_index},
        "receipt": release.receipt.text,
        "result_digest": release.result_digest,
        "repeats": release.repeats,
        "pseudonym_key": release.key_id,
        "expires_in_days": release.expires_in_days,
    }


def explanation_document(
    explanation: Explanation, guideline: Guideline, catalogue: Catalogue, *, lang: Lang
) -> dict[str, Any]:
    """What would happen: facts, decision with articles, SQL, scans and an upper bound of the cells."""
    decision = explanation.decision
    citations = [guideline.cite(reason, catalogue=catalogue) for reason in decision.deny]
    grounds = decision.granted_under if decision.allow else tuple(reason.control for reason in decision.deny)
    plan = explanation.plan
    return {
        "facts": explanation.facts.to_json(),
        "decision": {
            "allow": decision.allow,
            "required": list(decision.required),
            "granted_under": list(decision.granted_under),
            "articles": list(guideline.articles_of(grounds)),
            "reasons": [citation_document(citation, lang=lang) for citation in citations],
        },
        "sql": plan.sql if plan is not None else None,
        "scans": [
            {
                "id": cells.scan.id,
                "department": cells.scan.department,
                "order": cells.scan.order.to_json(),
                "unknown": cells.scan.unknown,
                "rows_at_most": cells.rows_at_most,
                "cells_at_most": cells.cells_at_most,
            }
            for cells in explanation.cells
        ],
    }


def explanation_text(explanation: Explanation, guideline: Guideline, catalogue: Catalogue, *, lang: Lang) -> str:
    """The explanation for people, section by section."""
    document = explanation_document(explanation, guideline, catalogue, lang=lang)
    ja = lang == "ja"
    lines = ["■ 読み取る内容" if ja else "# What it reads"]
    for scan in document["facts"]["scans"]:
        columns = ", ".join(f"{c['column']}({'/'.join(c['usages'])})" for c in scan["columns"])
        lines.append(f"  {scan['id']} {scan['dataset']} [{scan['role']}] {columns}")
    output = document["facts"]["output"]
    lines.append(f"  → {output['kind']}, {output['rows_per_subject']} / subject")
    decision = document["decision"]
    articles = "・".join(map(str, decision["articles"]))
    verdict = (
        ("認められます" if decision["allow"] else "認められません")
        if ja
        else ("allowed" if decision["allow"] else "denied")
    )
    lines += [
        "",
        "■ 判断" if ja else "# Decision",
        f"  {verdict} ({'第' + articles + '条' if ja else 'articles ' + articles})",
    ]
    for reason in decision["reasons"]:
        lines += [f"  ・{reason['rule']} [{reason['control']}] {reason['text']}", f"    → {reason['remedy']}"]
    if document["sql"] is None:
        return "\n".join(lines)
    lines += ["", "■ 書き換えた照会" if ja else "# The rewritten query", *_indented(_pretty(document["sql"]))]
    lines += ["", "■ 各課に頼む読み取り" if ja else "# What each department is asked"]
    for scan in document["scans"]:
        order = scan["order"]
        if scan["unknown"]:
            lines.append(
                f"  {scan['id']} {scan['department']}: {order['dataset']} "
                + (
                    "古いため頼まない。これに基づく項目は不明"
                    if ja
                    else "out of date, not asked; what rests on it is unknown"
                )
            )
            continue
        lines.append(f"  {scan['id']} {scan['department']}: {order['dataset']}")
        lines += [f"    {c['column']}: {c['form']['form']} {c['type']}" for c in order["columns"]]
        lines.append(f"    filter: {condition_text(order['filter'])}")
        if order["exclude"]:
            lines.append(f"    exclude: {', '.join(order['exclude'])}")
        lines.append(f"    predicates: {condition_text(order['predicates'])}")
        bound = f"{scan['cells_at_most']:,}"
        lines.append(f"    → 出るセルは最大 {bound}" if ja else f"    → at most {bound} cells leave")
    return "\n".join(lines)


def condition_text(condition: Mapping[str, Any]) -> str:
    """A row condition for people, such as ``status eq 現存 and birth_date ge 2005-04-02``."""
    if condition["type"] == "field":
        return f"{condition['field']} {condition['operator']} {condition['value']}"
    parts = [condition_text(part) for part in condition["value"]]
    if condition["operator"] == "not":
        return f"not ({parts[0]})"
    return f" {condition['operator']} ".join(f"({part})" for part in parts) or "-"


def _pretty(sql: str) -> str:
    return "\n".join(sqlglot.transpile(sql, read="duckdb", write="duckdb", pretty=True))


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]
