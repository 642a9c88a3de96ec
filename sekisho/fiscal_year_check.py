"""What ends with the fiscal year (年度末), and what is prepared for the next: one list for whoever has to see to it.

Purposes, approvals, accounts, trainings, clearances, contracts, keys, and a steward for every dataset. A line is about
something that counts today; whether it counts on 1 April is read from what is written down by now, and nothing is
taken for prepared that is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from governance.approvals import Approval
from governance.catalogue import Catalogue, Label
from governance.dates import end_of_fiscal_year, next_fiscal_year
from governance.errors import Lang
from governance.guideline import Guideline
from governance.principals import Principal
from governance.windows import in_force, versions
from sekisho.actions import Asker
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.renewals import PurposeTerm

Kind = Literal["purpose", "approval", "account", "training", "clearance", "contract", "key", "steward"]
State = Literal["prepared", "to do", "lasting", "missing"]
"""Prepared for the next year; ends and is not; has no end; is not there even today."""

KINDS: Mapping[Kind, Label] = {
    "purpose": Label(ja="利用目的", en="purpose"),
    "approval": Label(ja="承認", en="approval"),
    "account": Label(ja="アカウント", en="account"),
    "training": Label(ja="研修", en="training"),
    "clearance": Label(ja="支援措置の取扱い", en="clearance"),
    "contract": Label(ja="契約", en="contract"),
    "key": Label(ja="仮の番号の鍵", en="keys"),
    "steward": Label(ja="保護管理者", en="steward"),
}
STATES: Mapping[State, Label] = {
    "prepared": Label(ja="準備済", en="prepared"),
    "to do": Label(ja="未準備", en="to do"),
    "lasting": Label(ja="終わりなし", en="no end"),
    "missing": Label(ja="今もない", en="missing"),
}
HEADINGS: Mapping[Lang, tuple[str, ...]] = {
    "ja": ("種類", "対象", "名称", "末日", "翌年度", "状態"),
    "en": ("kind", "what", "name", "ends", "next year", "state"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class YearLine:
    """One thing that counts today.

    Attributes:
        name: as the deployment's files or the store name it.
        ends: its last day; empty where it has none or is not there.
        following: what there is for the next fiscal year; empty where there is nothing.
    """

    kind: Kind
    name: str
    label: Label
    ends: str
    following: str
    state: State

    def cells(self, *, lang: Lang) -> tuple[str, ...]:
        """The line under `HEADINGS`."""
        words = (getattr(KINDS[self.kind], lang), getattr(STATES[self.state], lang))
        return (words[0], self.name, getattr(self.label, lang), self.ends or "-", self.following or "-", words[1])

    def to_json(self, *, lang: Lang) -> dict[str, Any]:
        """The line as programs read it."""
        return {
            "kind": self.kind,
            "name": self.name,
            "label": getattr(self.label, lang),
            "ends": self.ends or None,
            "next_year": self.following or None,
            "state": self.state,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class YearEnd:
    """The whole list.

    Attributes:
        last_day: 31 March of the present fiscal year.
    """

    today: date
    last_day: date
    lines: tuple[YearLine, ...]

    @property
    def to_do(self) -> tuple[YearLine, ...]:
        """What ends and is not prepared, and what is missing."""
        return tuple(line for line in self.lines if line.state in ("to do", "missing"))

    @property
    def ok(self) -> bool:
        """Whether everything is there that has to be there today."""
        return all(line.state != "missing" for line in self.lines)


def year_end(
    *,
    today: date,
    catalogue: Catalogue,
    guideline: Guideline,
    principals: Mapping[str, Principal],
    terms: Sequence[PurposeTerm],
    approvals: Sequence[Approval],
) -> YearEnd:
    """What ends with the fiscal year of a day, and what is prepared."""
    starts = next_fiscal_year(today)
    lines = (
        *_purposes(terms),
        *_approvals(approvals, today=today, starts=starts),
        *_accounts(principals, starts=starts),
        *_contracts(guideline, starts=starts),
        *_keys(guideline, today=today, starts=starts),
        *_stewards(catalogue, principals, today=today, starts=starts),
    )
    return YearEnd(today=today, last_day=end_of_fiscal_year(today), lines=lines)


def check_year_end(deployment: Deployment, broker: Broker, asker: Asker) -> YearEnd:
    """The same of a deployment, for whoever may read approvals.

    Raises:
        Denied: the policy refuses; with articles.
        Unavailable: a part does not answer.
    """
    today = asker.now.date()
    return year_end(
        today=today,
        catalogue=deployment.catalogue,
        guideline=deployment.guideline,
        principals=deployment.principals,
        approvals=broker.approvals.list(asker),
        terms=broker.renewals.terms(today),
    )


def _purposes(terms: Sequence[PurposeTerm]) -> Iterator[YearLine]:
    for term in terms:
        if term.status != "active":
            continue
        renewed = f"{term.next_begins}〜{term.next_ends}" if term.next_begins is not None else ""
        yield YearLine(
            kind="purpose",
            name=term.purpose,
            label=term.label,
            ends=term.ends or "",
            following=renewed,
            state="lasting" if term.ends is None else "prepared" if renewed else "to do",
        )


def _approvals(approvals: Sequence[Approval], *, today: date, starts: date) -> Iterator[YearLine]:
    """Granted ones that count today, each with one of the same template that goes on, as far as it has come."""
    for approval in approvals:
        if approval.state != "granted" or not approval.starts_on <= today.isoformat() <= approval.expires_at:
            continue
        going_on = [
            other
            for other in approvals
            if other.template == approval.template
            and other.state in ("requested", "granted")
            and other.starts_on <= starts.isoformat() <= other.expires_at
        ]
        granted = [other.id for other in going_on if other.state == "granted"]
        yield YearLine(
            kind="approval",
            name=approval.id,
            label=Label(ja=approval.template, en=approval.template),
            ends=approval.expires_at,
            following=", ".join(f"{other.id} ({other.state})" for other in going_on),
            state="prepared" if granted else "to do",
        )


def _accounts(principals: Mapping[str, Principal], *, starts: date) -> Iterator[YearLine]:
    for name, principal in principals.items():
        label = Label(ja=principal.post, en=principal.post)
        ends: dict[Kind, str | None] = {"account": principal.valid_until, "training": principal.training_until}
        if principal.dv_cleared:
            ends["clearance"] = principal.valid_until
        for kind, last_day in ends.items():
            lasts = last_day is not None and last_day >= starts.isoformat()
            yield YearLine(
                kind=kind,
                name=name,
                label=label,
                ends=last_day or "",
                following=last_day if lasts and last_day is not None else "",
                state="missing" if last_day is None else "prepared" if lasts else "to do",
            )


def _contracts(guideline: Guideline, *, starts: date) -> Iterator[YearLine]:
    for name, recipient in guideline.tables["recipients"].items():
        if "contract" not in recipient:
            continue
        last_day: str = recipient["contract"]["to"]
        lasts = last_day >= starts.isoformat()
        yield YearLine(
            kind="contract",
            name=name,
            label=Label(**recipient["label"]),
            ends=last_day,
            following=last_day if lasts else "",
            state="prepared" if lasts else "to do",
        )


def _keys(guideline: Guideline, *, today: date, starts: date) -> Iterator[YearLine]:
    """The epoch of each domain; it is prepared where another one begins by 1 April."""
    for name, domain in guideline.tables["domains"].items():
        epoch = domain["epoch"]
        of = () if isinstance(epoch, str) else versions(epoch["versions"])
        present, following = in_force(of, today), in_force(of, starts)
        changes = following is not None and following != present
        yield YearLine(
            kind="key",
            name=name,
            label=Label(ja=f"世代 {epoch}", en=f"epoch {epoch}")
            if isinstance(epoch, str)
            else Label(ja=f"世代 {_value(present)}", en=f"epoch {_value(present)}"),
            ends=(present.window.ends or "") if present is not None else "",
            following=_value(following) if changes else "",
            state="prepared" if changes else "to do",
        )


def _value(version: Any) -> str:
    return "-" if version is None else str(version.value)


def _stewards(
    catalogue: Catalogue, principals: Mapping[str, Principal], *, today: date, starts: date
) -> Iterator[YearLine]:
    """The steward of every dataset: an account in force, today and on 1 April."""
    for dataset in catalogue.datasets.values():
        steward = catalogue.departments[dataset.department].steward
        principal = principals.get(steward)
        last_day = principal.valid_until if principal is not None else None
        state: State = "prepared"
        if last_day is None or last_day < today.isoformat():
            state = "missing"
        elif last_day < starts.isoformat():
            state = "to do"
        yield YearLine(
            kind="steward",
            name=dataset.name,
            label=dataset.label,
            ends=last_day or "",
            following=steward if state == "prepared" else "",
            state=state,
        )
