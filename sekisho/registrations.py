"""From a department's file to a registered dataset: drafted, confirmed part by part, registered (第19条).

Each step is one question to the policy, whose answer is in the ledger before anything is done, and one entry that says
what was done. A program proposes; what counts is what the steward has confirmed, as it is; and nothing is registered
under a guideline that nobody has approved.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from audit.receipt import Receipt
from connectors.extracts import FILE as EXTRACT
from connectors.extracts import Extracts
from connectors.intake.draft import ROWS, Draft, dataset_block, draft_text, read_draft
from connectors.intake.drafting import declare
from connectors.intake.proposals import propose
from connectors.intake.survey import survey
from connectors.sources import inside
from governance.catalogue import Department
from governance.check_deployment import check_deployment
from governance.errors import BadInput, Fault, Lang
from governance.principals import Principal
from governance.registrations import DeclaredPart, Registration
from query_broker.request import QueryRequest
from sekisho.actions import Action, Asker, Grounds, decide_action
from sekisho.catalogue_file import CatalogueChange
from sekisho.layout import Layout
from sekisho.registration_store import Confirmation, RegistrationStore

Event = Literal["drafted", "confirmed", "registered"]

_DRAFTS = "drafts"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """A part of a draft, and whether it is confirmed as it is.

    Attributes:
        confirmed_by: the account that confirmed it, ``None`` where nobody has or it has changed since.
    """

    name: str
    declaration: Mapping[str, object]
    confirmed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrations:
    """The registrations of one deployment."""

    store: RegistrationStore
    grounds: Grounds
    layout: Layout

    def draft(
        self,
        asker: Asker,
        *,
        files: Sequence[Path],
        department: str,
        name: str,
        label: str | None,
        lang: Lang = "ja",
    ) -> Path:
        """Look at a department's files and write the draft of a dataset.

        Args:
            files: of one layout, in the folder of the department's source.
            name: the dataset's name, without the department's.
            label: its name for people, the first file's unless given.
            lang: of the reasons.

        Returns:
            The draft's file.

        Raises:
            BadInput: a name, a file or its content will not do, or there is a draft of that name.
            Denied: the policy refuses.
            Unavailable: a file, the policy or the ledger does not answer.
        """
        dataset = f"{department}.{name}"
        if department not in self.grounds.catalogue.departments:
            raise BadInput("draft-department-unknown")
        path = self._path(department, dataset)
        question, decision = self._ask(
            "dataset.draft",
            asker,
            Registration(department=department, dataset=dataset, parts=(DeclaredPart(part=ROWS, confirmed_by=None),)),
        )
        holder = self._department(department)
        if holder.source_kind != "files":
            raise BadInput("draft-source-kind", department=department)
        if dataset in self.grounds.catalogue.datasets:
            raise BadInput("dataset-registered-already", dataset=dataset)
        if path.exists():
            raise BadInput("file-exists", file=self.layout.name_of(path))
        folder = inside(self.layout.departments, holder.source_path, root=self.layout.departments)
        names = [_within(file, folder, department=department) for file in files]
        surveys = [survey(folder / relative, file=f"{department}/{relative}") for relative in names]
        catalogue, tables = self.grounds.catalogue, self.grounds.guideline.tables
        parameters = self.grounds.guideline.parameters(asker.now.date())
        proposals = propose(surveys[0], kinds=catalogue.kinds, smallest_group=parameters["k_internal"])
        declared = declare(
            surveys,
            proposals,
            names=names,
            label=label or files[0].stem,
            name=name,
            subject_kind=catalogue.subject_kind,
            gates=tables["gates"],
            freshness=parameters["freshness_max_days"],
        )
        text = draft_text(
            proposals, department=department, dataset=dataset, rows=declared.rows, notes=declared.notes, lang=lang
        )
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _write_private(path, text)
        draft = read_draft(path, file=self.layout.name_of(path))
        self._record(question, decision, draft, event="drafted", part=None, digest=draft.digest())
        return path

    def look(self, asker: Asker, *, dataset: str) -> tuple[PartState, ...]:
        """A draft's parts, for the department whose it is: they show codes of its data.

        Raises:
            BadInput: there is no such draft, or it is malformed.
            Denied: the policy refuses.
        """
        self._ask("dataset.draft", asker, self._registration(self._draft(dataset)))
        return self.parts(dataset)

    def parts(self, dataset: str) -> tuple[PartState, ...]:
        """The parts of a draft and whether each is confirmed.

        Raises:
            BadInput: there is no such draft, or it is malformed.
        """
        draft = self._draft(dataset)
        confirmed = self._confirmed(draft)
        return tuple(
            PartState(name=name, declaration=declaration, confirmed_by=confirmed.get(name))
            for name, declaration in draft.parts.items()
        )

    def confirm(self, asker: Asker, *, dataset: str, parts: Sequence[str]) -> tuple[PartState, ...]:
        """Confirm parts of a draft as they stand in its file.

        Raises:
            BadInput: there is no such draft or part, or the draft would not make a sound dataset.
            Denied: the policy refuses.
            Unavailable: the policy, the ledger or the store does not answer; nothing was changed.
        """
        draft = self._draft(dataset)
        digests = draft.digests()
        for position, part in enumerate(parts, start=1):
            if part not in digests:
                raise BadInput("draft-part-unknown", dataset=dataset, position=position)
        question, decision = self._ask("dataset.confirm", asker, self._registration(draft))
        principal, at = _present(asker.principal), asker.now.isoformat(timespec="seconds")

        def confirmed() -> list[Confirmation]:
            return [
                Confirmation(
                    dataset=dataset,
                    part=part,
                    digest=digests[part],
                    principal=principal.id,
                    at=at,
                    ledger_index=self._record(
                        question, decision, draft, event="confirmed", part=part, digest=digests[part]
                    ),
                )
                for part in dict.fromkeys(parts)
            ]

        self.store.confirm(confirmed)
        return self.parts(dataset)

    def register(self, asker: Asker, *, dataset: str, extracted: date) -> None:
        """Put a confirmed draft into the catalogue.

        Args:
            extracted: the day that the files' data are of.

        Raises:
            BadInput: there is no such draft, or the deployment would not be sound with it.
            Denied: the policy refuses: the guideline is a draft, a part is not confirmed, another's department.
            Unavailable: the policy or the ledger does not answer; nothing was changed.
        """
        draft = self._draft(dataset)
        question, decision = self._ask("dataset.register", asker, self._registration(draft))
        if extracted > asker.now.date():
            raise BadInput("extract-day-ahead", dataset=dataset)
        change = CatalogueChange(
            self.layout.catalogue,
            department=draft.department,
            dataset=dataset,
            block=list(dataset_block(draft)),
        )
        for finding in check_deployment(change.catalogue, self.grounds.guideline, {}, {}):
            if finding.params.get("dataset") == dataset:
                raise finding.error
        extract, days = self._extract(draft, extracted)
        self._record(question, decision, draft, event="registered", part=None, digest=draft.digest())
        # The day first: whatever is interrupted here, registering again completes it.
        _write_private(extract, days)
        change.put()
        path = self._path(draft.department, dataset)
        done = path.parent / "registered"
        done.mkdir(mode=0o700, exist_ok=True)
        path.replace(done / path.name)

    def _extract(self, draft: Draft, extracted: date) -> tuple[Path, str]:
        """The file that says of which day the department's data are, and its text with the new dataset."""
        holder = self._department(draft.department)
        folder = inside(self.layout.departments, holder.id, root=self.layout.departments)
        path = folder / EXTRACT
        days: dict[str, date] = {}
        known = [
            name
            for name, other in self.grounds.catalogue.datasets.items()
            if other.department == holder.id and not other.derived
        ]
        if path.exists():
            extracts = Extracts(folder, root=self.layout.departments, datasets=[*known, draft.dataset])
            try:
                extracts.day(draft.dataset)
            except BadInput as error:
                if error.code != "extract-dataset-missing":
                    raise
            days = {name: extracts.day(name) for name in known}
        days[draft.dataset] = extracted
        return path, "".join(f"{name}: {day.isoformat()}\n" for name, day in days.items())

    def _confirmed(self, draft: Draft) -> Mapping[str, str]:
        """Part → who last confirmed it exactly as it is, as the ledger says too."""
        digests = draft.digests()
        return {
            c.part: c.principal
            for c in self.store.confirmations(draft.dataset)
            if digests.get(c.part) == c.digest and self._is_recorded(c)
        }

    def _is_recorded(self, confirmation: Confirmation) -> bool:
        """Whether the ledger says the same: a row that somebody wrote into the store confirms nothing."""
        ledger = self.grounds.ledger
        if not 0 <= confirmation.ledger_index < ledger.size:
            return False
        entry = ledger.entry(confirmation.ledger_index).document
        return (
            entry["kind"] == "registration"
            and entry["event"] == "confirmed"
            and (entry["dataset"], entry["part"], entry["declaration_digest"], entry["principal"])
            == (confirmation.dataset, confirmation.part, confirmation.digest, confirmation.principal)
        )

    def _registration(self, draft: Draft) -> Registration:
        confirmed = self._confirmed(draft)
        return Registration(
            department=draft.department,
            dataset=draft.dataset,
            parts=tuple(DeclaredPart(part=part, confirmed_by=confirmed.get(part)) for part in draft.parts),
        )

    def _ask(self, action: Action, asker: Asker, registration: Registration) -> tuple[QueryRequest, Receipt]:
        question = asker.request(action, zone=self.grounds.zone, registration=registration)
        return question, decide_action(question, None, grounds=self.grounds)

    def _record(
        self, question: QueryRequest, decision: Receipt, draft: Draft, *, event: Event, part: str | None, digest: str
    ) -> int:
        principal = _present(question.principal)
        entry = {
            "v": 1,
            "kind": "registration",
            "time": question.time.isoformat(timespec="seconds"),
            "request": question.id,
            "principal": principal.id,
            "hat": principal.hats[0],
            "purpose": None,
            "recipient": None,
            "decision": decision.index,
            "event": event,
            "department": draft.department,
            "dataset": draft.dataset,
            "part": part,
            "declaration_digest": digest,
            "guideline_version": self.grounds.guideline.version,
        }
        return self.grounds.ledger.append(entry).index

    def _department(self, name: str) -> Department:
        try:
            return self.grounds.catalogue.departments[name]
        except KeyError:
            raise Fault from None  # an allow for a department that is not in the catalogue

    def _draft(self, dataset: str) -> Draft:
        department = dataset.partition(".")[0]
        if department not in self.grounds.catalogue.departments:
            raise BadInput("draft-unknown")
        path = self._path(department, dataset)
        draft = read_draft(path, file=self.layout.name_of(path))
        if (draft.department, draft.dataset) != (department, dataset):
            raise BadInput("draft-name", file=self.layout.name_of(path))
        return draft

    def _path(self, department: str, dataset: str) -> Path:
        name = dataset.partition(".")[2]
        if not _NAME.fullmatch(name):
            raise BadInput("draft-dataset-name")
        return self.layout.departments / department / _DRAFTS / f"{name}.yaml"


def _within(file: Path, folder: Path, *, department: str) -> str:
    """A file's path relative to the department's folder."""
    try:
        return file.resolve(strict=True).relative_to(folder.resolve()).as_posix()
    except FileNotFoundError:
        raise BadInput("draft-file-missing") from None
    except (ValueError, OSError):
        raise BadInput("draft-file-elsewhere", department=department) from None


def _write_private(path: Path, text: str) -> None:
    """Write a file of its owner alone, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _present(principal: Principal | None) -> Principal:
    if principal is None or len(principal.hats) != 1:
        raise Fault
    return principal
