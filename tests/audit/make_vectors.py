"""Makes the vectors of the verifier: ``python -m tests.audit.make_vectors`` writes ``tests/audit/vectors/*.json``.

A vector is the content of a ledger's file, table by table, with the receipts that somebody kept, what the verifier is to
find, and why. They are checked in so that another implementation can be tested with them, and so that a change of the
format shows as a change of files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from audit.checkpoint import sign_checkpoint
from audit.encoding import encode_entry, encode_sidecar
from audit.hashing import leaf_hash
from audit.merkle import EMPTY_TREE, compact_range, inclusion_proof
from audit.note import Signer
from audit.receipt import Receipt
from tests.audit.samples import ORIGIN, OTHER_KEY, SIDECAR, SIGNER, VKEY, decision, denial, genesis, refusal, release

FOLDER = Path(__file__).with_name("vectors")

Vector = dict[str, Any]

SOUND: Sequence[Mapping[str, Any]] = (
    genesis(),
    decision(1),
    release(1, decided=1),
    denial(2),
    refusal(3),
)


def content(documents: Sequence[Mapping[str, Any]], *, signer: Signer = SIGNER) -> Vector:
    """The tables of a ledger over some entries."""
    bodies = [encode_entry(document) for document in documents]
    tree, nodes = EMPTY_TREE.extend(map(leaf_hash, bodies))
    return {
        "entries": [body.decode("ascii") for body in bodies],
        "nodes": [node.hex() for node in nodes],
        "sidecars": [encode_sidecar(SIDECAR).decode()],
        "requests": [
            [document["request"], document["kind"], index]
            for index, document in enumerate(documents)
            if document["kind"] in ("decision", "release")
        ],
        "checkpoint": sign_checkpoint(size=tree.size, root=tree.root(), signer=signer).note,
    }


def receipt(documents: Sequence[Mapping[str, Any]], index: int) -> dict[str, str]:
    """A receipt for an entry, under the checkpoint over all of them."""
    bodies = [encode_entry(document) for document in documents]
    nodes = EMPTY_TREE.extend(map(leaf_hash, bodies))[1]
    root = compact_range(len(bodies), nodes.__getitem__).root()
    made = Receipt(
        index=index,
        entry=bodies[index],
        proof=inclusion_proof(index, size=len(bodies), node=nodes.__getitem__),
        checkpoint=sign_checkpoint(size=len(bodies), root=root, signer=SIGNER).note,
    )
    return {"entry": made.entry.decode("ascii"), "text": made.text}


def vectors() -> dict[str, Vector]:
    """Every vector by its name, which is what is wrong."""
    sound = content(SOUND)
    longer = [*SOUND, refusal(4)]
    kept = [receipt(SOUND, 2), receipt(SOUND[:3], 1)]
    truncated = {**sound, "entries": sound["entries"][:4], "nodes": sound["nodes"][:7]}
    reordered = {**sound, "entries": [sound["entries"][place] for place in (0, 1, 2, 4, 3)]}
    tampered = {
        **sound,
        "entries": [
            *sound["entries"][:2],
            sound["entries"][2].replace('"rows":33', '"rows":34'),
            *sound["entries"][3:],
        ],
    }
    rewritten = content([*SOUND[:2], release(1, decided=1, rows=34), *SOUND[3:]])
    return {
        "ok": _vector("ok", "A sound ledger, and receipts from its past.", [], sound, kept),
        "truncated": _vector("truncated", "The last entry is gone.", [["finding-missing", 4]], truncated, []),
        "reordered": _vector(
            "reordered",
            "Two entries changed places.",
            [
                ["finding-root", None],
                ["finding-node", 3],
                ["finding-requests", 3],
                ["finding-node", 4],
                ["finding-requests", 4],
            ],
            reordered,
            [],
        ),
        "tampered-field": _vector(
            "tampered-field",
            "One number in one entry is another.",
            [["finding-root", None], ["finding-node", 2]],
            tampered,
            [],
        ),
        "wrong-key": _vector(
            "wrong-key",
            "A consistent ledger under another key of the same name.",
            [["finding-checkpoint", None]],
            content(SOUND, signer=OTHER_KEY),
            [],
        ),
        "fork": _vector(
            "fork",
            "History rewritten under the right key; a receipt of before is held against it.",
            [["finding-receipt-history", None], ["finding-receipt-entry", 2]],
            rewritten,
            kept[:1],
        ),
        "rolled-back": _vector(
            "rolled-back",
            "A sound older copy; a receipt of later is held against it.",
            [["finding-rolled-back", 5]],
            sound,
            [receipt(longer, 5)],
        ),
        "no-decision": _vector(
            "no-decision",
            "A release without an allow, under the right key.",
            [["finding-reference", 3]],
            content([*SOUND[:2], denial(2), release(2, decided=2)]),
            [],
        ),
    }


def _vector(
    expect: str, about: str, findings: list[list[Any]], tables: Vector, receipts: list[dict[str, str]]
) -> Vector:
    return {
        "about": about,
        "expect": expect,
        "findings": findings,
        "vkey": VKEY,
        "origin": ORIGIN,
        "receipts": receipts,
        **tables,
    }


def as_text(vector: Vector) -> str:
    """A vector as its file."""
    return json.dumps(vector, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for name, vector in vectors().items():
        (FOLDER / f"{name}.json").write_text(as_text(vector), encoding="utf-8")


if __name__ == "__main__":
    main()
