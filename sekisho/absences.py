"""Absences of those who decide (第19条): recorded before a deputy decides, ended when the person is back.

The ledger is their only record. What is kept is who is away and for how long, and never why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from governance.absences import Absence, Decider
from governance.errors import BadInput, Fault
from governance.principals import Principal
from sekisho.actions import Asker, Grounds, decide_action


@dataclass(frozen=True, slots=True, kw_only=True)
class Absences:
    """Absences of one deployment.

    Attributes:
        principals: the accounts, by name.
    """

    grounds: Grounds
    principals: Mapping[str, Principal]

    def record(self, asker: Asker, *, account: str, first: date, last: date) -> Absence:
        """Record that somebody who decides is away.

        Raises:
            BadInput: no such account, days in the wrong order, or an absence of that account is on record already.
            Denied: the policy refuses.
            Unavailable: the policy or the ledger does not answer; nothing was recorded.
        """
        if first > last:
            raise BadInput("absence-days")
        if account not in self.principals:
            raise BadInput("absence-account-unknown")
        if account in {absence.id for absence in self.on_record(asker.now.date())}:
            raise BadInput("absence-recorded-already", account=account)
        absence = Absence(
            id=account,
            roles=self.principals[account].roles,
            first=first.isoformat(),
            last=last.isoformat(),
            recorded_by=None,
        )
        by = self._append("absence.record", asker, absence, event="recorded")
        return replace(absence, recorded_by=by)

    def end(self, asker: Asker, *, account: str) -> Absence:
        """End an absence before its last day: the person is back, or will not be away.

        Raises:
            BadInput: no absence of that account is on record.
            Denied: the policy refuses.
            Unavailable: as `record`.
        """
        found = next((a for a in self.on_record(asker.now.date()) if a.id == account), None)
        if found is None:
            raise BadInput("absence-none")
        self._append("absence.end", asker, found, event="ended")
        return found

    def list(self, asker: Asker) -> tuple[Absence, ...]:
        """The absences on record that are not over, for whoever may read approvals.

        Raises:
            Denied: the policy refuses.
        """
        decide_action(asker.request("approval.read", zone=self.grounds.zone), None, grounds=self.grounds)
        return self.on_record(asker.now.date())

    def on_record(self, today: date) -> tuple[Absence, ...]:
        """The absences on record that are not over on a day, begun or not, in the order of their record."""
        found: dict[str, Absence] = {}
        for entry in self.grounds.ledger.of_kind("absence"):
            document: Mapping[str, Any] = entry.document
            account = document["account"]
            found.pop(account, None)
            if document["event"] == "recorded" and account in self.principals:
                found[account] = Absence(
                    id=account,
                    roles=self.principals[account].roles,
                    first=document["first"],
                    last=document["last"],
                    recorded_by=document["principal"],
                )
        return tuple(absence for absence in found.values() if absence.last >= today.isoformat())

    def deciders(self, today: date) -> tuple[Decider, ...]:
        """Everybody who decides on some route, each with the absence on record for a day."""
        routes = self.grounds.guideline.tables["routes"].values()
        roles = {role for route in routes for way in route["decide"].values() for role in way["roles"]}
        away = {a.id: a for a in self.on_record(today) if a.first <= today.isoformat()}
        return tuple(
            Decider(id=name, roles=person.roles, valid_until=person.valid_until, absence=away.get(name))
            for name, person in sorted(self.principals.items())
            if roles & set(person.roles)
        )

    def _append(
        self,
        action: Literal["absence.record", "absence.end"],
        asker: Asker,
        absence: Absence,
        *,
        event: Literal["recorded", "ended"],
    ) -> str:
        question = asker.request(action, zone=self.grounds.zone, absence=absence)
        decision = decide_action(question, None, grounds=self.grounds)
        principal = question.principal
        if principal is None or len(principal.hats) != 1:
            raise Fault
        self.grounds.ledger.append(
            {
                "v": 1,
                "kind": "absence",
                "time": question.time.isoformat(timespec="seconds"),
                "request": question.id,
                "principal": principal.id,
                "hat": principal.hats[0],
                "purpose": None,
                "recipient": None,
                "decision": decision.index,
                "event": event,
                "account": absence.id,
                "first": absence.first,
                "last": absence.last,
                "guideline_version": self.grounds.guideline.version,
            }
        )
        return principal.id
