"""What an entry must fulfil against the entries before it, judged under the lock, before anything is written.

* A request is decided at most once and released at most once, so that a request sent again ends here.
* What was done (a release, a change of an approval, of the guideline, of a dataset, of a matter, of the work list, of a
  ticket, a package, an erasure, a person's request, an incident) and a refusal that names a decision refer to the
  decision of their own request; what was done, to one that allowed.
* A decision's input and a release's populations are in the ledger as sidecars, and every new one is named by an entry.
* A release that was compared with earlier ones enters before any that it was not compared with.
* Time does not go back: an entry whose clock was behind the entry before takes that entry's time and keeps its own
  reading as ``clock``. Order is by index alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from audit.encoding import encode_entry, encode_sidecar
from audit.entry import entry_time, parse_entry
from audit.store import Act, Store
from governance.errors import BadInput, CheckFailed

_ALLOWED_FIRST = (
    "release",
    "approval",
    "guideline",
    "registration",
    "matter",
    "absence",
    "cycle",
    "capacity",
    "candidate",
    "ticket",
    "retention",
    "subject_request",
    "package",
    "proposal",
    "incident",
)
"""Kinds of entry that say that something was done, which a decision had to allow."""

_ACTS: Mapping[str, Act] = {"decision": "decision", "release": "release"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Entries that enter together or not at all, each sound by itself, with their sidecars by digest."""

    entries: tuple[Mapping[str, Any], ...]
    bodies: tuple[bytes, ...]
    sidecars: Mapping[bytes, bytes]
    compared: int | None = None


def make_draft(
    entries: Sequence[Mapping[str, Any]], *, sidecars: Sequence[Mapping[str, Any]], compared: int | None = None
) -> Draft:
    """Check and encode what somebody wants to append.

    Raises:
        BadInput: an entry is outside the schema or too long, a sidecar is too long or named by no entry, or there is
            nothing to append.
    """
    bodies = tuple(encode_entry(entry) for entry in entries)
    plain = tuple(parse_entry(body) for body in bodies)
    encoded = {hashlib.sha256(body).digest(): body for body in map(encode_sidecar, sidecars)}
    named = {bytes.fromhex(digest) for entry in plain if (digest := _sidecar_of(entry)) is not None}
    if not plain:
        raise BadInput("append-empty")
    if any("clock" in entry for entry in plain):
        raise BadInput("entry-field", field="clock")
    if encoded.keys() - named:
        raise BadInput("sidecar-unnamed")
    return Draft(entries=plain, bodies=bodies, sidecars=encoded, compared=compared)


def _sidecar_of(entry: Mapping[str, Any]) -> str | None:
    """The digest of the sidecar that an entry names."""
    named: str | None = {"decision": entry.get("input_digest"), "release": entry.get("populations")}.get(entry["kind"])
    return named


@dataclass(slots=True, kw_only=True)
class Batch:
    """What one commit will append: drafts admitted one after the other, on top of what is stored.

    Attributes:
        store: the state that the lock protects.
        size: number of entries stored.
        latest: time of the last entry, stored or in the batch.
    """

    store: Store
    size: int
    latest: datetime | None
    bodies: list[bytes] = field(default_factory=list)
    sidecars: dict[bytes, bytes] = field(default_factory=dict)
    acts: dict[tuple[bytes, Act], int] = field(default_factory=dict)
    _admitted: list[Mapping[str, Any]] = field(default_factory=list)

    def admit(self, draft: Draft) -> range:
        """Take a draft in; its indices. A draft that is refused leaves the batch as it was.

        Raises:
            BadInput: the draft does not fit the entries before it.
        """
        before = (len(self.bodies), dict(self.sidecars), dict(self.acts), self.latest)
        try:
            for digest, body in draft.sidecars.items():
                if digest not in self.sidecars and self.store.sidecar(digest) is None:
                    self.sidecars[digest] = body
            for entry, body in zip(draft.entries, draft.bodies, strict=True):
                if draft.compared is not None:
                    self._check_compared(entry, draft.compared)
                self._admit(entry, body)
        except BadInput:
            count, self.sidecars, self.acts, self.latest = before
            del self.bodies[count:]
            del self._admitted[count:]
            raise
        return range(self.size + before[0], self.size + len(self.bodies))

    def _admit(self, entry: Mapping[str, Any], body: bytes) -> None:
        index = self.size + len(self.bodies)
        if (entry["kind"] == "ledger") != (index == 0):
            raise BadInput("entry-genesis", index=index)
        if index > 0:
            self._check_reference(entry)
            self._check_sidecar(entry)
            self._enter_act(entry, index)
            entry, body = self._on_time(entry, body)
        self.latest = entry_time(entry)
        self.bodies.append(body)
        self._admitted.append(entry)

    def _enter_act(self, entry: Mapping[str, Any], index: int) -> None:
        kind = _ACTS.get(entry["kind"])
        if kind is None:
            return
        request = bytes.fromhex(entry["request"])
        earlier = self._act(request, kind)
        if earlier is not None:
            raise BadInput("request-repeated", index=earlier)
        self.acts[request, kind] = index

    def _check_reference(self, entry: Mapping[str, Any]) -> None:
        referred = entry.get("decision")
        if referred is None:
            return
        if self._act(bytes.fromhex(entry["request"]), "decision") != referred:
            raise BadInput("entry-reference", index=referred)
        if entry["kind"] in _ALLOWED_FIRST and self._entry(referred)["allow"] is not True:
            raise BadInput("entry-reference", index=referred)

    def _check_compared(self, entry: Mapping[str, Any], compared: int) -> None:
        """Two answers at once do not slip by each other: each is compared with the other, or waits until it is."""
        for index in range(compared, self.size + len(self.bodies)):
            other = self._entry(index)
            if (
                other["kind"] == "release"
                and "populations" in other
                and all(other[name] == entry[name] for name in ("recipient", "purpose"))
            ):
                raise BadInput("release-outpaced", index=index)

    def _check_sidecar(self, entry: Mapping[str, Any]) -> None:
        named = _sidecar_of(entry)
        if named is None:
            return
        digest = bytes.fromhex(named)
        if digest not in self.sidecars and self.store.sidecar(digest) is None:
            raise BadInput("sidecar-missing")

    def _on_time(self, entry: Mapping[str, Any], body: bytes) -> tuple[Mapping[str, Any], bytes]:
        if self.latest is None or entry_time(entry) >= self.latest:
            return entry, body
        entry = {**entry, "time": self.latest.isoformat(), "clock": entry["time"]}
        return entry, encode_entry(entry)

    def _act(self, request: bytes, kind: Act) -> int | None:
        found = self.acts.get((request, kind))
        return self.store.act(request, kind) if found is None else found

    def _entry(self, index: int) -> Mapping[str, Any]:
        if index >= self.size:
            return self._admitted[index - self.size]
        try:
            return parse_entry(self.store.body(index))
        except BadInput:
            raise CheckFailed("ledger-damaged", file=self.store.file) from None
