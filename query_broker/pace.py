"""When an answer leaves: how long it took tells something of what was read, so that it may have to wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A clock that only goes on, and a way to wait."""

    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep

    def hold(self, started: float, *, step: int) -> None:
        """Wait until a whole number of steps, of so many seconds each, has passed since the start."""
        self.wait(-(self.now() - started) % step)
