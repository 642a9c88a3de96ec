"""子ども子育て支援課: 児童手当, 児童扶養手当 and medical aid, one row a child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from reference.akishima.city.circumstances import Circumstances
from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.latent import Truth
from reference.akishima.city.pyramid import MALE
from reference.akishima.city.register import Person
from reference.akishima.city.residents import Household

_CIVIL_SERVANTS = 0.05
"""Paid by their employer, so the city has no row for their children."""
_REASONS = Weighted((("離婚", 84.0), ("未婚", 9.0), ("死別", 3.0), ("障害", 1.5), ("遺棄", 1.5), ("DV保護命令", 0.7),
                     ("拘禁", 0.3)))  # fmt: skip
_LAST_ALLOWANCE_GRADE = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What the city pays for one child."""

    child: Person
    payee_id: str
    child_allowance: str
    lone_parent: str
    reason: str
    medical_lone: bool
    medical_child: str
    report_missing: bool | None
    ikusei: bool
    granted_from: date
    bank_account: str
    income: int | None


def allowances(
    draw: Draw, living: Sequence[Household], circumstances: Sequence[Circumstances], truth: Mapping[str, Truth]
) -> list[Allowance]:
    """The rows of all children; a household has one payee, one category and one yearly report."""
    rows = []
    for home, found in zip(living, circumstances, strict=True):
        guardians = home.guardians(home.minors[0][0]) if home.minors else []
        if not home.minors or (not home.lone and found.economy == "plain" and draw.chance(_CIVIL_SERVANTS)):
            continue
        payee = next((g for g in guardians if g.sex == MALE), guardians[0] if guardians else None)
        lone_parent, reason = _lone_parent(draw, home, found)
        poor = any(child.resident_id in truth and truth[child.resident_id].poor for child, _ in home.minors)
        missing: bool | None = None if draw.chance(0.03) else draw.chance(0.18 if poor else 0.02)
        apart = draw.chance(0.008)
        income = None if draw.chance(0.05) else _income(draw, found)
        account = f"架空{draw.between(100, 999)}-{draw.between(1_000_000, 9_999_999)}"
        # One payee in a hundred lives outside the city.
        payee_id = payee.resident_id if payee is not None and not apart else ""
        for child, grade in home.minors:
            paid = grade <= _LAST_ALLOWANCE_GRADE
            if not paid and lone_parent == "なし":
                continue
            rows.append(
                Allowance(
                    child=child,
                    payee_id=payee_id,
                    child_allowance=("別居監護" if apart else "支給") if paid else "対象外",
                    lone_parent=lone_parent,
                    reason=reason,
                    medical_lone=lone_parent in {"一部支給", "全部支給"} and not draw.chance(0.04),
                    medical_child="マル乳" if grade <= 0 else "マル子" if paid else "マル青",
                    report_missing=missing,
                    ikusei=lone_parent != "なし",
                    granted_from=max(child.birth, child.became_resident_on).replace(day=1),
                    bank_account=account,
                    income=income,
                )
            )
    return rows


def _lone_parent(draw: Draw, home: Household, found: Circumstances) -> tuple[str, str]:
    if not home.lone or not (found.applies or found.economy == "plain") or draw.chance(0.05):
        return "なし", ""
    if found.economy == "welfare" or (found.economy == "low" and draw.chance(0.75)):
        return "全部支給", draw.weighted(_REASONS)
    return ("全部停止" if draw.chance(0.35) else "一部支給"), draw.weighted(_REASONS)


def _income(draw: Draw, found: Circumstances) -> int:
    if found.economy == "welfare":
        return draw.between(0, 60) * 10_000
    if found.economy == "low":
        return draw.between(40, 260) * 10_000
    return draw.between(200, 1100) * 10_000


def pay_to(rows: Sequence[Allowance], child_id: str, payee: Person) -> list[Allowance]:
    """The same rows, but one child's allowance goes to another person (受給者変更)."""
    return [
        replace(row, payee_id=payee.resident_id, child_allowance="受給者変更")
        if row.child.resident_id == child_id
        else row
        for row in rows
    ]
