"""The attacks and the honest queries, with what is expected of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

FOLDER = Path(__file__).parent / "corpus"

Expected = Literal["reject", "mask", "suppress"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """A query that wants to know what it must not.

    Attributes:
        expect: ``reject``: refused. ``mask``: no raw value in the answer. ``suppress``: small cells out. To refuse is
            right for every attack.
    """

    id: str
    category: str
    sql: str
    why: str
    expect: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Honest:
    """A query that has to be answered.

    Attributes:
        oracle: hand-written SQL over masked tables, with small groups left out, that says what the answer is.
    """

    id: str
    category: str
    sql: str
    why: str
    oracle: str | None

    @property
    def purpose(self) -> str:
        """The purpose for which it is honest."""
        return "study" if self.category == "rowlevel" else "stat"


def _read(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@cache
def oracles() -> Mapping[str, str]:
    """Case → the hand-written answer."""
    found: Mapping[str, str] = yaml.safe_load((FOLDER / "oracles.yaml").read_text(encoding="utf-8"))
    return found


@cache
def attacks() -> tuple[Attack, ...]:
    """All attacks."""
    return tuple(
        Attack(id=c["id"], category=c["category"], sql=c["sql"], why=c["why"], expect=c["expect"])  # type: ignore[arg-type]
        for c in _read("attacks")
    )


@cache
def honest() -> tuple[Honest, ...]:
    """All honest queries."""
    return tuple(
        Honest(id=c["id"], category=c["category"], sql=c["sql"], why=c["why"], oracle=oracles().get(c["id"]))
        for c in _read("honest")
    )
