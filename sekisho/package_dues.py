"""Certificates of deletion that are due: a package is deleted after its last day, and that is certified (R18-5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from governance.errors import CheckFailed
from sekisho.package_register import PackageStatus


def due_on(status: PackageStatus, parameters: Mapping[str, Any]) -> date | None:
    """By when the certificate of a package has to be there; ``None`` for one that nobody holds outside."""
    packages, last = parameters.get("packages"), status.expires_on
    if packages is None or last is None or status.state not in ("handed_over", "received"):
        return None
    return date.fromisoformat(last) + timedelta(days=packages["deletion_days"])


def overdue(
    statuses: Iterable[PackageStatus], *, parameters: Mapping[str, Any], today: date
) -> tuple[CheckFailed, ...]:
    """An alert for each package whose certificate has not come in time."""
    found = []
    for status in statuses:
        due = due_on(status, parameters)
        if due is not None and today > due:
            found.append(
                CheckFailed("package-deletion-overdue", package=status.number, recipient=status.recipient, due=str(due))
            )
    return tuple(found)
