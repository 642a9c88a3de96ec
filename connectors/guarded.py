"""What a department says to the outside when something goes wrong on its side: a code, and no value (I7)."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from governance.errors import Fault, SekishoError
from governance.log import get_log

_Answer = TypeVar("_Answer")


def guarded(department: str, compute: Callable[[], _Answer]) -> _Answer:
    """Let every error say which department it comes from, and nothing that stood in its data.

    What a driver, an engine or a codec said on the way may hold values, so it ends here: errors go out without their
    history, and what nobody foresaw goes out as a fault with an incident id.
    """
    error: SekishoError
    try:
        return compute()
    except SekishoError as refusal:
        error = refusal
    except Exception as unforeseen:  # noqa: BLE001 - whatever it is, its words stay on this side
        error = Fault()
        innermost = traceback.extract_tb(unforeseen.__traceback__)[-1]
        get_log().error(
            "department-fault",
            departments=department,
            exception_type=type(unforeseen).__name__,
            reason=f"{Path(innermost.filename).name}:{innermost.lineno}",
            incident=error.params["incident"],
        )
    # Outside of the handlers, so that nothing is handed on as the context of what is raised here.
    error.params.setdefault("department", department)
    error.__cause__ = error.__context__ = None
    raise error.with_traceback(None)
