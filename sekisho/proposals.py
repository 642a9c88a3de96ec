"""Criteria that a contractor hands back: taken in, tested on past cycles, reviewed, approved as a new version (第18条).

They come back with the package that they were made from. The test asks the centre's own approved templates, as
somebody who is not cleared for protected persons, and keeps counts: who would enter and leave the list, and of what use
the criteria would have been. Each step is one question to the policy, whose answer is in the ledger before anything is
done, and one entry that says what was done. Nothing of the test goes to the contractor.

What was approved is written into the guideline, which is a draft from then on until it is approved with it (第16条).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from audit.receipt import Receipt
from governance.dates import fiscal_year
from governance.errors import BadInput, Fault
from governance.proposals import Proposal, ProposalState
from query_broker.release import Release
from query_broker.request import QueryRequest
from risk.candidates import NOT_COUNTED, POSITIVE
from risk.cycles import Cycle
from risk.judge import judge
from risk.load_rules import load_rules
from risk.proposals import Proposed, compare, factor_changes, read_proposal, written
from risk.rule_set import RuleSet
from sekisho.actions import Action, Asker, Grounds, decide_action
from sekisho.approval_store import ApprovalStore
from sekisho.ask_request import AskRequest
from sekisho.candidates import Candidates
from sekisho.evaluations import limits_of
from sekisho.output_types import check_rule_types
from sekisho.packages import Packages
from sekisho.proposal_documents import change_document, findings_of, settings_document, tested_document
from sekisho.proposal_store import ProposalStore, StoredProposal

if TYPE_CHECKING:
    from sekisho.deployment import Deployment

Event = Literal["drafted", "reviewed", "approved", "rejected", "withdrawn"]

_CYCLES = 3
"""Past cycles that a proposal is tested on, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalStatus:
    """How far a proposal has come, as the ledger says.

    Attributes:
        reviewers: who has reviewed it.
        history: every entry about it, as documents.
    """

    number: str
    state: ProposalState
    drafted_by: str
    reviewers: tuple[str, ...]
    history: tuple[Mapping[str, Any], ...]
    stored: StoredProposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """The proposals of one deployment.

    Attributes:
        candidates: the work list, whose cycles and outcomes criteria are tested on.
        ask: asks the broker as somebody.
    """

    deployment: Deployment
    grounds: Grounds
    approvals: ApprovalStore
    store: ProposalStore
    packages: Packages
    candidates: Callable[[], Candidates]
    ask: Callable[[Asker, AskRequest], Release]

    def draft(self, asker: Asker, *, data: bytes, file: str, package: str) -> ProposalStatus:
        """Take criteria in, and test them.

        Args:
            asker: who takes them in.
            data: what the contractor sent: YAML or JSON.
            file: its name in messages.
            package: number of the package that they were made from.

        Raises:
            BadInput: as `read_proposal`; there is no such package.
            Denied: the policy refuses: a package that was not handed over, no contract, no approved template.
            Unavailable: a part does not answer; nothing was kept.
        """
        rules = self._rules()
        proposed = read_proposal(data, file=file, current=rules, templates=self.deployment.templates)
        self._check_types(proposed.rules)
        made_from = next((each for each in self.packages.statuses() if each.number == package), None)
        if made_from is None:
            raise BadInput("package-unknown")
        current, recipient = rules[proposed.rules.purpose], made_from.recipient
        new = Proposal(id="new", state="new", package_state=made_from.state)
        question, decision = self._ask("proposal.draft", asker, new, recipient=recipient)
        tested, releases = self._test(asker, current, proposed)
        detail: dict[str, Any] = {
            "purpose": current.purpose,
            "package": package,
            "recipient": recipient,
            "version": proposed.rules.version,
            "replaces": current.digest,
            "replaces_version": current.version,
            "changes": [change_document(each) for each in factor_changes(current, proposed.rules)],
            "settings": settings_document(current, proposed.rules),
            "tests": tested,
            "releases": releases,
            "findings": findings_of(tested),
        }

        def record(stored: StoredProposal) -> None:
            self._record(question, decision, "drafted", stored, digest=stored.digest(replaced=current.digest))

        number = self.store.add(fiscal_year(asker.now.date()), detail=detail, body=data, record=record)
        return self._status(self.store.get(number))

    def review(self, asker: Asker, *, number: str) -> ProposalStatus:
        """Say that one has reviewed the changes and what the test found.

        Raises:
            BadInput: there is no such proposal.
            Denied: the policy refuses: whoever took it in, a second time, something found, another content.
        """
        return self._step("proposal.review", "reviewed", asker, number=number)

    def approve(self, asker: Asker, *, number: str) -> ProposalStatus:
        """Make a proposal the criteria of its purpose, as a file of the guideline, which is a draft from then on.

        Raises:
            BadInput: there is no such proposal.
            Denied: the policy refuses: nobody else has reviewed it, one who took part, another content.
            Unavailable: the ledger does not answer; nothing was changed.
        """
        status = self._status(self.store.get(number))
        question, decision = self._ask_about("proposal.approve", asker, status)
        detail = status.stored.detail
        rules, templates = self._rules(), self.deployment.templates
        proposed = read_proposal(status.stored.body, file=number, current=rules, templates=templates)
        text = written(proposed.document, proposal=number, recipient=detail["recipient"], package=detail["package"])
        target = self.deployment.layout.rules / f"{detail['purpose']}.yaml"
        with _prepared(target, text) as place:

            def record() -> None:
                digest, rules_digest = _drafted(status), hashlib.sha256(text).hexdigest()
                self._record(question, decision, "approved", status.stored, digest=digest, rules=rules_digest)
                place()

            self.store.end(number, record=record)
        return self._status(self.store.get(number))

    def reject(self, asker: Asker, *, number: str) -> ProposalStatus:
        """Refuse a proposal for good; its text is erased.

        Raises:
            BadInput: there is no such proposal.
            Denied: the policy refuses.
        """
        return self._step("proposal.reject", "rejected", asker, number=number)

    def withdraw(self, asker: Asker, *, number: str) -> ProposalStatus:
        """Take a proposal back, as whoever took it in; its text is erased.

        Raises:
            BadInput: there is no such proposal.
            Denied: the policy refuses.
        """
        return self._step("proposal.withdraw", "withdrawn", asker, number=number)

    def list(self, asker: Asker) -> tuple[ProposalStatus, ...]:
        """All proposals, oldest first.

        Raises:
            Denied: the policy refuses.
        """
        decide_action(asker.request("proposal.read", zone=self.grounds.zone), None, grounds=self.grounds)
        return tuple(self._status(stored) for stored in self.store.all())

    def _step(self, action: Action, event: Event, asker: Asker, *, number: str) -> ProposalStatus:
        status = self._status(self.store.get(number))
        question, decision = self._ask_about(action, asker, status)
        digest = _drafted(status)
        if event == "reviewed":
            self._record(question, decision, event, status.stored, digest=digest)
        else:
            self.store.end(number, record=lambda: self._record(question, decision, event, status.stored, digest=digest))
        return self._status(self.store.get(number))

    def _rules(self) -> Mapping[str, RuleSet]:
        return load_rules(self.deployment.layout.rules, self.deployment.templates)

    def _check_types(self, rules: RuleSet) -> None:
        check_rule_types(
            {rules.purpose: rules},
            templates=self.deployment.templates,
            guideline=self.grounds.guideline,
            catalogue=self.grounds.catalogue,
            as_of=self.deployment.clock().date(),
        )

    def _test(
        self, asker: Asker, current: RuleSet, proposed: Proposed
    ) -> tuple[Sequence[dict[str, Any]], Sequence[int]]:
        """What both criteria say of past cycles, or of today where there was none; counts alone."""
        parameters = self.grounds.guideline.parameters(asker.now.date())
        limits = limits_of(parameters)
        little = Fraction(parameters["judgement"]["little_data_percent"], 100)
        # Protected persons are no part of counts, whoever takes the proposal in: two tests would tell of them.
        asking = replace(asker, principal=replace(asker.principal, dv_cleared=False) if asker.principal else None)
        candidates = self.candidates().work_list
        outcomes = {
            each.subject: each.outcome.verdict in POSITIVE
            for each in candidates.candidates()
            if each.outcome is not None and each.outcome.verdict not in NOT_COUNTED and not each.protected
        }
        approval = self.approvals.newest_granted(current.template)
        sql = self.deployment.templates[current.template].sql if approval is None else None
        tested, releases = [], []
        for day, cycle in _past(candidates.cycles(), current.purpose) or [(asker.now.date(), None)]:
            release = self.ask(
                asking,
                AskRequest(token=None, purpose=current.purpose, approval=approval, sql=sql, as_of=day),
            )
            subject = next(field.name for field in release.table.schema if field.type == pa.uuid())
            both = tuple(
                judge(rules, release.table, subject=subject, little=little, unknown=release.unknown)
                for rules in (current, proposed.rules)
            )
            found = compare(
                current,
                proposed.rules,
                (both[0], both[1]),
                answer=release.table,
                outcomes=outcomes,
                room=max(1, cycle.room // max(1, len(cycle.rules))) if cycle is not None else None,
                limits=limits,
            )
            releases.append(release.ledger_index)
            tested.append(tested_document(found, cycle=cycle.id if cycle is not None else None, day=day))
        return tested, releases

    def _ask_about(self, action: Action, asker: Asker, status: ProposalStatus) -> tuple[QueryRequest, Receipt]:
        detail = status.stored.detail
        replaced = self._rules().get(detail["purpose"])
        made_from = (each.state for each in self.packages.statuses() if each.number == detail["package"])
        facts = Proposal(
            id=status.number,
            state=status.state,
            # One that is not kept any more was deleted before.
            package_state=next(made_from, "deleted"),
            drafted_by=status.drafted_by,
            reviewers=status.reviewers,
            findings=status.history[0]["findings"],
            digest=status.stored.digest(replaced=replaced.digest if replaced is not None else ""),
            drafted_digest=_drafted(status),
        )
        return self._ask(action, asker, facts, recipient=detail["recipient"])

    def _ask(self, action: Action, asker: Asker, proposal: Proposal, *, recipient: str) -> tuple[QueryRequest, Receipt]:
        question = asker.request(action, zone=self.grounds.zone, recipient=recipient, proposal=proposal)
        return question, decide_action(question, None, grounds=self.grounds)

    def _status(self, stored: StoredProposal) -> ProposalStatus:
        entries = [
            e.document for e in self.grounds.ledger.of_kind("proposal") if e.document["proposal"] == stored.number
        ]
        if not entries or entries[0]["event"] != "drafted":
            raise BadInput("proposal-unknown")
        steps = [entry for entry in entries if entry["event"] != "reviewed"]
        return ProposalStatus(
            number=stored.number,
            state=steps[-1]["event"],
            drafted_by=entries[0]["principal"],
            reviewers=tuple(dict.fromkeys(e["principal"] for e in entries if e["event"] == "reviewed")),
            history=tuple(entries),
            stored=stored,
        )

    def _record(
        self,
        question: QueryRequest,
        decision: Receipt,
        event: Event,
        stored: StoredProposal,
        *,
        digest: str,
        rules: str | None = None,
    ) -> Receipt:
        principal, detail = question.principal, stored.detail
        if principal is None or len(principal.hats) != 1:
            raise Fault
        return self.grounds.ledger.append(
            {
                "v": 1,
                "kind": "proposal",
                "time": question.time.isoformat(timespec="seconds"),
                "request": question.id,
                "principal": principal.id,
                "hat": principal.hats[0],
                "purpose": detail["purpose"],
                "recipient": detail["recipient"],
                "decision": decision.index,
                "event": event,
                "proposal": stored.number,
                "package": detail["package"],
                "releases": detail["releases"],
                "content_digest": digest,
                "rules_digest": rules,
                "findings": len(detail["findings"]),
                "guideline_version": self.grounds.guideline.version,
            }
        )


def _drafted(status: ProposalStatus) -> str:
    return str(status.history[0]["content_digest"])


def _past(cycles: Sequence[Cycle], purpose: str) -> list[tuple[date, Cycle | None]]:
    """The newest cycles that judged a purpose, one a day, oldest first; none that only cleared staff may know of."""
    found: dict[str, Cycle] = {cycle.as_of: cycle for cycle in cycles if purpose in cycle.rules and not cycle.cleared}
    return [(date.fromisoformat(day), cycle) for day, cycle in sorted(found.items())[-_CYCLES:]]


@contextmanager
def _prepared(target: Path, data: bytes) -> Iterator[Callable[[], None]]:
    """Everything that may fail of writing a file, and what puts it in its place at once.

    Raises:
        BadInput: it cannot be written.
    """
    temporary = target.with_name(f".{target.name}.new")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise BadInput("file-unwritable", file=target.name) from error
    try:

        def place() -> None:
            temporary.replace(target)

        yield place
    finally:
        temporary.unlink(missing_ok=True)
