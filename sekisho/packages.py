"""Packages for recipients under contract: drafted, checked, reviewed by two, made, handed over, deleted (第18条).

Rows are read through the broker's one path, for the recipient's purpose and with its pseudonyms. They are generalised
and checked, and what is kept of a draft is what was found, never a row: the package is made by reading again, and only
if the content is exactly the one that was reviewed. Each step is one question to the policy, whose answer is in the
ledger before anything is done, and one entry that says what was done. How far a package has come is what they say.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from audit.keys import load_signer
from audit.receipt import Receipt
from governance.dates import fiscal_year
from governance.errors import BadInput, Fault
from governance.load_packages import load_packages
from governance.packages import PackageRecipe
from governance.provisions import Provision
from query_broker.request import QueryRequest
from sekisho.actions import Action, Asker, Grounds, decide_action, would_allow
from sekisho.approval_store import ApprovalStore
from sekisho.package_content import Ask, Reader
from sekisho.package_file import manifest_bytes, pack, seal
from sekisho.package_manifest import manifest_of
from sekisho.package_register import Event, PackageStatus, provision_of, status_of
from sekisho.package_store import PackageStore, StoredPackage
from sekisho.package_trace import Trace, pseudonyms_in

if TYPE_CHECKING:
    from sekisho.deployment import Deployment

_DOCUMENT = re.compile(r"[A-Z]{1,4}[0-9]{1,2}-[0-9]{1,5}", re.ASCII)
_RECEIPT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """The packages of one deployment."""

    deployment: Deployment
    grounds: Grounds
    approvals: ApprovalStore
    store: PackageStore
    ask: Ask

    def recipes(self) -> Mapping[str, PackageRecipe]:
        """The recipes, by id.

        Raises:
            BadInput: one is malformed or does not fit the guideline.
        """
        return load_packages(
            self.deployment.layout.packages, templates=self.deployment.templates, guideline=self.grounds.guideline
        )

    def draft(self, asker: Asker, *, recipe: str, as_of: date | None = None) -> PackageStatus:
        """Read, generalise and check what a package would hold; nothing leaves.

        Raises:
            BadInput: no such recipe, one that calls harmless what is not, or too many persons would be left out.
            Denied: the policy refuses: the contract, the approval of the template, the guideline.
            Unavailable: a part does not answer; nothing was kept.
        """
        wanted = self.recipes().get(recipe)
        if wanted is None:
            raise BadInput("package-recipe-unknown", recipes=", ".join(self.recipes()))
        new = Provision(id=wanted.id, state="new")
        question, decision = self._ask("package.draft", asker, new, recipient=wanted.recipient)
        day = as_of or asker.now.date()
        content = self._reader().read(asker, wanted, new, as_of=day, packages=self.statuses())

        def record(number: str) -> tuple[str, Mapping[str, Any]]:
            detail = content.detail(as_of=day)
            self._record(question, decision, "drafted", number, detail, recipient=wanted.recipient)
            return content.release.key_id, detail

        number = self.store.add(fiscal_year(asker.now.date()), recipient=wanted.recipient, draft=record)
        return self._status(self.store.get(number))

    def review(self, asker: Asker, *, number: str) -> PackageStatus:
        """Say that one has reviewed what the draft found, and that it may leave.

        Raises:
            BadInput: there is no such package.
            Denied: the policy refuses: the drafter, a second time, something found.
        """
        status = self._status(self.store.get(number))
        question, decision = self._ask("package.review", asker, provision_of(status), recipient=status.recipient)
        self._record(question, decision, "reviewed", number, status.stored.detail, recipient=status.recipient)
        return self._status(status.stored)

    def create(self, asker: Asker, *, number: str) -> bytes:
        """Read again what was reviewed, and make the package: generalised, encrypted, signed.

        Returns:
            The file.

        Raises:
            BadInput: there is no such package, or the recipient's key is not registered.
            Denied: the policy refuses: too few reviewers, another content than the reviewed one.
            Unavailable: a part does not answer; no package was made.
        """
        status = self._status(self.store.get(number))
        detail, recipient = status.stored.detail, status.recipient
        wanted = self.recipes().get(detail["recipe"])
        as_reviewed = provision_of(status, digest=detail["content_digest"])
        if wanted is None or not self._would("package.create", asker, as_reviewed, recipient=recipient):
            # Refused before any department is asked, and recorded.
            self._ask("package.create", asker, provision_of(status), recipient=recipient)
            raise BadInput("package-recipe-unknown", recipes=", ".join(self.recipes()))
        public_key = self._public_key(recipient)
        signer = load_signer(self.deployment.layout.package_key)
        day = date.fromisoformat(detail["as_of"])
        content = self._reader().read(asker, wanted, provision_of(status), as_of=day, packages=self.statuses())
        question, decision = self._ask(
            "package.create", asker, provision_of(status, digest=content.digest), recipient=recipient
        )
        code = secrets.token_hex(_RECEIPT_BYTES)
        sealed = seal(content.rows.table, recipient_key=public_key, receipt_code=code)
        expires_on = self._last_day(wanted, today=asker.now.date())
        manifest = manifest_bytes(
            manifest_of(
                wanted,
                content.template,
                content.rows,
                release=content.release,
                number=number,
                approval=content.approval,
                sealed=sealed,
                decision=decision.index,
                created_at=asker.now,
                expires_on=expires_on,
                as_of=day,
                deployment=self.deployment,
                grounds=self.grounds,
            )
        )
        receipts: list[Receipt] = []
        made = {
            **detail,
            "approval": content.approval,
            "release": content.release.ledger_index,
            "manifest_digest": hashlib.sha256(manifest).hexdigest(),
            "expires_on": expires_on.isoformat(),
        }
        self.store.made(
            number,
            members=content.rows.members,
            receipt_code=code,
            record=lambda: receipts.append(
                self._record(question, decision, "created", number, made, recipient=recipient)
            ),
        )
        return pack(manifest, number=number, signer=signer, receipt=receipts[0], ciphertext=sealed.ciphertext)

    def hand_over(self, asker: Asker, *, number: str, document: str) -> PackageStatus:
        """Record in the register of hand-overs (授受簿) that the package goes to its recipient.

        Args:
            document: number of the covering document.

        Raises:
            BadInput: there is no such package, or the number is not written as one.
            Denied: the policy refuses, as it does where the contract is no longer in force.
        """
        return self._step("package.hand_over", "handed_over", asker, number=number, document=_document(document))

    def received(self, asker: Asker, *, number: str, code: str) -> PackageStatus:
        """Record that the recipient opened the package: the code that they send back is in the package alone.

        Raises:
            BadInput: there is no such package, or this is not its code.
            Denied: the policy refuses.
        """
        stored = self.store.get(number)
        if not hmac.compare_digest(self.store.receipt_digest(code.strip()), stored.receipt_digest or ""):
            raise BadInput("package-receipt-code")
        return self._step("package.close", "received", asker, number=number, document=None)

    def deleted(self, asker: Asker, *, number: str, document: str) -> PackageStatus:
        """Record the recipient's certificate of deletion (消去証明).

        Args:
            document: number under which the certificate is filed.

        Raises:
            BadInput: there is no such package, or the number is not written as one.
            Denied: the policy refuses.
        """
        return self._step("package.close", "deleted", asker, number=number, document=_document(document))

    def list(self, asker: Asker) -> tuple[PackageStatus, ...]:
        """All packages, oldest first, for whoever may read about them.

        Raises:
            Denied: the policy refuses.
        """
        decide_action(asker.request("package.read", zone=self.grounds.zone), None, grounds=self.grounds)
        return self.statuses()

    def trace(self, asker: Asker, *, data: bytes, file: str) -> tuple[Trace, ...]:
        """Whose package a file came from that turned up somewhere: the packages that showed its pseudonyms.

        Args:
            asker: who looks.
            data: what the file holds.
            file: its name in messages.

        Raises:
            BadInput: the file is too large or broken, or holds nothing that is written as a pseudonym.
            Denied: the policy refuses.
        """
        persons = pseudonyms_in(data, file=file)
        decide_action(asker.request("package.read", zone=self.grounds.zone), None, grounds=self.grounds)
        made = [status for status in self.statuses() if status.state != "drafted"]
        shown = self.store.shown([status.number for status in made], persons=persons)
        return tuple(
            Trace(package=status.number, recipient=status.recipient, found=len(known), of=len(persons))
            for status, (known, _) in zip(made, shown, strict=True)
            if known
        )

    def statuses(self) -> tuple[PackageStatus, ...]:
        """All packages, without a question to the policy: for the deployment's own checks."""
        return tuple(self._status(stored) for stored in self.store.all())

    def _step(self, action: Action, event: Event, asker: Asker, *, number: str, document: str | None) -> PackageStatus:
        status = self._status(self.store.get(number))
        question, decision = self._ask(action, asker, provision_of(status), recipient=status.recipient)
        last = {
            **status.stored.detail,
            **{k: status.entry[k] for k in ("approval", "release", "manifest_digest", "expires_on")},
        }
        self._record(question, decision, event, number, last, recipient=status.recipient, document=document)
        return self._status(status.stored)

    def _public_key(self, recipient: str) -> str:
        key = self.grounds.guideline.tables["recipients"][recipient].get("contract", {}).get("public_key")
        if not key:
            raise BadInput("package-recipient-key", recipient=recipient)
        return str(key)

    def _last_day(self, recipe: PackageRecipe, *, today: date) -> date:
        """Within the contract and the purpose, and after so many days at the latest."""
        tables = self.grounds.guideline.tables
        purpose = tables["purposes"][self.deployment.templates[recipe.template].purpose]
        ends = [tables["recipients"][recipe.recipient]["contract"]["to"], purpose["valid_to"]]
        return min(today + timedelta(days=recipe.days), *(date.fromisoformat(end) for end in ends if end))

    def _would(self, action: Action, asker: Asker, provision: Provision, *, recipient: str) -> bool:
        question = asker.request(action, zone=self.grounds.zone, recipient=recipient, provision=provision)
        return would_allow(question, None, grounds=self.grounds)

    def _ask(
        self, action: Action, asker: Asker, provision: Provision, *, recipient: str
    ) -> tuple[QueryRequest, Receipt]:
        question = asker.request(action, zone=self.grounds.zone, recipient=recipient, provision=provision)
        return question, decide_action(question, None, grounds=self.grounds)

    def _record(
        self,
        question: QueryRequest,
        decision: Receipt,
        event: Event,
        number: str,
        detail: Mapping[str, Any],
        *,
        recipient: str,
        document: str | None = None,
    ) -> Receipt:
        principal = question.principal
        if principal is None or len(principal.hats) != 1:
            raise Fault
        return self.grounds.ledger.append(
            {
                "v": 1,
                "kind": "package",
                "time": question.time.isoformat(timespec="seconds"),
                "request": question.id,
                "principal": principal.id,
                "hat": principal.hats[0],
                "purpose": detail["purpose"],
                "recipient": recipient,
                "decision": decision.index,
                "event": event,
                "package": number,
                "recipe": detail["recipe"],
                "approval": detail["approval"],
                "release": detail["release"],
                "content_digest": detail["content_digest"],
                "manifest_digest": detail.get("manifest_digest"),
                "k": detail["k"],
                "l": detail["l"],
                "findings": len(detail["findings"]),
                "expires_on": detail.get("expires_on"),
                "number": document,
                "guideline_version": self.grounds.guideline.version,
            }
        )

    def _status(self, stored: StoredPackage) -> PackageStatus:
        return status_of(stored, self.grounds.ledger)

    def _reader(self) -> Reader:
        return Reader(
            templates=self.deployment.templates,
            grounds=self.grounds,
            approvals=self.approvals,
            store=self.store,
            ask=self.ask,
            digest_key=self.deployment.digest_key,
        )


def _document(number: str) -> str:
    if not _DOCUMENT.fullmatch(number):
        raise BadInput("matter-number")
    return number
