"""``deployment.yaml``: what a deployment is and how its parts run, checked before anything is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from governance import located_yaml
from governance.catalogue import Label
from governance.errors import BadInput
from governance.schema_check import check_schema

FILE = "deployment.yaml"

EngineName = Literal["embedded", "opa"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)

Clock: TypeAlias = Callable[[], datetime]
"""Now, with the offset of the deployment's zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one query may use up while its scans are combined."""

    combine_seconds: int = 60
    combine_memory_mb: int = 1024
    combine_threads: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A deployment's settings.

    Attributes:
        production: real people's data. Never together with ``demo``.
        demo: synthetic data; everything printed or exported says so.
        pinned: the moment at which a demo's clock stands; ``None`` for the machine's clock.
        zone: IANA name of the time zone.
        network_zone: the part of the network that the deployment runs in, by a name of the guideline; written into
            every decision. ``unstated`` where nobody said.
        ledger_origin: name of the log in its checkpoints.
    """

    name: str
    label: Label
    production: bool
    demo: bool
    pinned: datetime | None
    zone: str
    network_zone: str
    engine: EngineName
    ledger_origin: str
    issuer: str
    token_lifetime: timedelta
    limits: Limits

    def clock(self) -> Clock:
        """The deployment's clock: pinned, or the machine's."""
        if self.pinned is not None:
            pinned = self.pinned
            return lambda: pinned
        zone = ZoneInfo(self.zone)
        return lambda: datetime.now(tz=UTC).astimezone(zone).replace(microsecond=0)


def load_settings(folder: Path) -> Settings:
    """Read and check a deployment's settings.

    Raises:
        BadInput: missing or malformed, a zone or a moment that does not exist, a pinned clock outside a demo, or a
            production deployment marked as demo.
    """
    located = located_yaml.load(folder / FILE, file=FILE)
    check_schema(located, "deployment")
    document: dict[str, Any] = located.data
    try:
        ZoneInfo(document["zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("settings-zone", file=FILE, line=located.line("zone")) from None
    if document["production"] and document["demo"]:
        raise BadInput("settings-production-demo", file=FILE, line=located.line("production"))
    if "clock" in document and not document["demo"]:
        raise BadInput("settings-clock-pinned", file=FILE, line=located.line("clock"))
    return Settings(
        name=document["name"],
        label=Label(ja=document["label"]["ja"], en=document["label"]["en"]),
        production=document["production"],
        demo=document["demo"],
        pinned=_moment(located),
        zone=document["zone"],
        network_zone=document.get("network_zone", "unstated"),
        engine=document["engine"],
        ledger_origin=document["ledger"]["origin"],
        issuer=document["identity"]["issuer"],
        token_lifetime=timedelta(hours=document["identity"]["token_hours"]),
        limits=Limits(**document.get("limits", {})),
    )


def _moment(located: located_yaml.Located) -> datetime | None:
    text = located.data.get("clock")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput("settings-clock", file=FILE, line=located.line("clock")) from None
    if moment.utcoffset() != moment.astimezone(ZoneInfo(located.data["zone"])).utcoffset():
        raise BadInput("settings-clock", file=FILE, line=located.line("clock"))
    return moment
