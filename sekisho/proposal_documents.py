"""What a proposal would change and what its test has found, as data: kept, digested, and shown to reviewers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from risk.evaluation import Share
from risk.proposals import Comparison, FactorChange
from risk.rule_set import Factor, RuleSet


def change_document(change: FactorChange) -> dict[str, Any]:
    """A factor before and after."""
    return {
        "factor": change.factor,
        "change": change.change,
        "before": _factor(change.before),
        "after": _factor(change.after),
    }


def settings_document(current: RuleSet, proposed: RuleSet) -> dict[str, Any]:
    """What would change beside the factors: caps of groups, what makes a candidate, the bands."""
    before, after = _settings(current), _settings(proposed)
    return {name: {"before": before[name], "after": after[name]} for name in before if before[name] != after[name]}


def tested_document(found: Comparison, *, cycle: str | None, day: date) -> dict[str, Any]:
    """Counts of one cycle; ``None`` for whatever few persons could be read from."""
    return {
        "cycle": cycle,
        "as_of": day.isoformat(),
        "listed": found.listed,
        "enter": found.enter,
        "leave": found.leave,
        "room": found.room,
        "room_enter": found.room_enter,
        "precision": _share(found.precision),
        "precision_proposed": _share(found.precision_proposed),
        "rare": list(found.rare),
        "alone": list(found.alone),
    }


def findings_of(tests: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What bars a proposal, whichever day showed it."""
    return [
        {"code": code, "factor": factor}
        for kind, code in (("rare", "proposal-rare"), ("alone", "proposal-alone"))
        for factor in sorted({factor for test in tests for factor in test[kind]})
    ]


def _settings(rules: RuleSet) -> dict[str, Any]:
    return {
        "groups": {name: group.cap for name, group in rules.groups.items()},
        "listed": [{"groups": list(needed.groups), "points": needed.points} for needed in rules.listed],
        "bands": {"a": rules.band_a, "b": rules.band_b},
    }


def _factor(factor: Factor | None) -> dict[str, Any] | None:
    if factor is None:
        return None
    fades = factor.fades
    return {
        "label": {"ja": factor.label.ja, "en": factor.label.en},
        "group": factor.group,
        "weight": factor.weight,
        "evidence": factor.evidence,
        "hit": factor.hit,
        "known": factor.known,
        "fades": None if fades is None else {"by": fades.by, "full_to": fades.full_to, "gone_from": fades.gone_from},
    }


def _share(share: Share) -> dict[str, Any]:
    """Rounded, and as text: the document is digested in a canonical form."""
    return {
        "of": share.of,
        "value": None if share.value is None else f"{float(share.value):.3f}",
        "low": None if share.low is None else f"{share.low:.3f}",
        "high": None if share.high is None else f"{share.high:.3f}",
    }
