"""One commit of the ledger: drafts in, receipts out, everything durable or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import TypeAlias

from audit.admission import Batch, Draft
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.file_format import explain, primary_code
from audit.hashing import leaf_hash
from audit.head import Head, check_continues, read_head
from audit.merkle import EMPTY_TREE, CompactRange, NodeReader, inclusion_proof, node_count
from audit.note import Signer
from audit.receipt import Receipt
from audit.store import Store
from governance.errors import BadInput

Outcome: TypeAlias = tuple[Receipt, ...] | BadInput
"""What became of a draft: its receipts, or why it does not fit the entries before it."""


class Writer:
    """Appends to a store under its lock, and signs. Not for several threads at once; the ledger sees to that."""

    __slots__ = ("_head", "_signer", "_store")

    def __init__(self, store: Store, *, signer: Signer, head: Head | None) -> None:
        """``head`` is where the ledger stood when it was opened; ``None`` for one that has no entry yet."""
        self._store = store
        self._signer = signer
        self._head = head

    def write(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """Append what can be admitted of the drafts, in one transaction, durably; one outcome a draft.

        Raises:
            Unavailable: another writer holds the lock for too long; nothing was tried.
            CheckFailed: the file is not what this writer left; nothing was written.
            sqlite3.Error: writing failed. The entries are there as a whole or not at all, and nobody has a receipt.
        """
        try:
            self._begin()
            return self._write(drafts)
        except BaseException:
            with suppress(sqlite3.Error):
                self._store.rollback()
            raise

    def _begin(self) -> None:
        try:
            self._store.begin()
        except sqlite3.OperationalError as error:
            if primary_code(error) == sqlite3.SQLITE_BUSY:
                raise explain(error, file=self._store.file) from None
            raise

    def _write(self, drafts: Sequence[Draft]) -> list[Outcome]:
        tree, latest = self._newest()
        batch = Batch(store=self._store, size=tree.size, latest=latest)
        admitted: list[range | BadInput] = []
        for draft in drafts:
            try:
                admitted.append(batch.admit(draft))
            except BadInput as refused:
                admitted.append(refused)
        if not batch.bodies:
            self._store.rollback()
            return [refused for refused in admitted if isinstance(refused, BadInput)]

        grown, nodes = tree.extend(map(leaf_hash, batch.bodies))
        self._store.add(
            tree.size,
            bodies=batch.bodies,
            nodes=nodes,
            sidecars=batch.sidecars.items(),
            acts=((request, kind, index) for (request, kind), index in batch.acts.items()),
        )
        # Signed inside the transaction and shown to nobody before it is durable: a head that was signed and then lost
        # has never been seen, so no two heads that people hold contradict each other.
        checkpoint = sign_checkpoint(size=grown.size, root=grown.root(), signer=self._signer)
        self._store.put_checkpoint(checkpoint.note.encode())
        outcomes = self._receipts(admitted, batch, checkpoint, _reader(self._store, first=tree.size, nodes=nodes))
        self._store.commit()
        if batch.latest is not None:
            self._head = Head(checkpoint=checkpoint, tree=grown, latest=batch.latest)
        return outcomes

    def _newest(self) -> tuple[CompactRange, datetime | None]:
        """The state to append to. Other processes append too; what they signed has to continue what was seen here."""
        if self._head is None:
            return EMPTY_TREE, None
        if self._store.checkpoint_note() != self._head.checkpoint.note.encode():
            head = read_head(self._store, verifier=self._signer.verifier, origin=self._signer.name)
            check_continues(self._store, seen=self._head.checkpoint, now=head.checkpoint)
            self._head = head
        return self._head.tree, self._head.latest

    def _receipts(
        self, admitted: Sequence[range | BadInput], batch: Batch, checkpoint: Checkpoint, node: NodeReader
    ) -> list[Outcome]:
        return [
            indices
            if isinstance(indices, BadInput)
            else tuple(
                Receipt(
                    index=index,
                    entry=batch.bodies[index - batch.size],
                    proof=inclusion_proof(index, size=checkpoint.size, node=node),
                    checkpoint=checkpoint.note,
                )
                for index in indices
            )
            for indices in admitted
        ]


def _reader(store: Store, *, first: int, nodes: Sequence[bytes]) -> NodeReader:
    """Reads the nodes of this commit from memory, and each older one from the store once."""
    start = node_count(first)

    @cache
    def node(position: int) -> bytes:
        return nodes[position - start] if position >= start else store.node(position)

    return node
