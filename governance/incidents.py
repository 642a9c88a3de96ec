"""An incident as the policy sees it: how far it has got, and what the next step would be (第27条). No judgement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

IncidentState = Literal["new", "open", "closed"]
Answer = Literal["yes", "no", "unknown"]
Stage = Literal["preliminary", "final"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident, and the step that is asked for.

    Attributes:
        discovered_on: the day on which it became known, from which terms are counted.
        required: whether the commission has to be told, as assessed; ``None`` before that.
        contacted: whether cleared staff have seen to the persons under protection.
        preliminary, final: whether that report is recorded.
        notified: whether telling the persons concerned, or what replaced it, is recorded.
        stage: of the report that this step records.
        on: day of what this step records.
        route: how persons are told with this step, or what replaces that.
        obstacle: why persons cannot be told, where something replaces it.
        measures: kinds of measures against repetition, for the step that closes it.
    """

    state: IncidentState
    discovered_on: date
    required: Answer | None = None
    contacted: bool = False
    preliminary: bool = False
    final: bool = False
    notified: bool = False
    stage: Stage | None = None
    on: date | None = None
    route: str | None = None
    obstacle: str | None = None
    measures: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The incident as the policy sees it; no number of persons, no text."""
        return {
            "state": self.state,
            "discovered_on": self.discovered_on.isoformat(),
            "required": self.required,
            "contacted": self.contacted,
            "preliminary": self.preliminary,
            "final": self.final,
            "notified": self.notified,
            "stage": self.stage,
            "on": self.on.isoformat() if self.on else None,
            "route": self.route,
            "obstacle": self.obstacle,
            "measures": list(self.measures),
        }
