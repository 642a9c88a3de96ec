"""What a department may let go unread: not what a set of protected persons is made from, nor what would look like none.

A value that becomes unknown, or a row that is set aside, is missing from everything that is computed from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from governance.catalogue import Dataset, NamedSet
from governance.errors import BadInput
from governance.located_yaml import Located


def check_reading(datasets: Iterable[Dataset], sets: Iterable[NamedSet], located: Located) -> None:
    """The base datasets of a department that are read although something in them cannot be.

    Raises:
        BadInput: a named set reads one, or a derived dataset whose absent row means *none* reads one of which rows may
            be set aside; with the line in the department's file.
    """
    own = tuple(datasets)
    named = tuple(sets)
    for base in own:
        for field in _lenient(base):
            line = located.line("datasets", base.name, field)
            for named_set in named:
                if named_set.sql is not None and _reads(named_set.sql, base.name):
                    raise BadInput(
                        "catalogue-reading-set", file=located.file, line=line, dataset=base.name, field=field,
                        set=named_set.name,
                    )  # fmt: skip
        if not base.reject_up_to:
            continue
        line = located.line("datasets", base.name, "reject_up_to")
        for view in own:
            if view.derived_sql is not None and view.absent_row == "none" and _reads(view.derived_sql, base.name):
                raise BadInput(
                    "catalogue-reading-derived", file=located.file, line=line, dataset=base.name, derived=view.name
                )


def _lenient(base: Dataset) -> tuple[str, ...]:
    fields = {"unreadable_values": base.unreadable_values == "unknown", "reject_up_to": base.reject_up_to > 0}
    return tuple(field for field, lenient in fields.items() if lenient)


def _reads(sql: str, name: str) -> bool:
    """Whether a text of SQL names a dataset; in a comment, too: better one question too many."""
    plain = sql.replace('"', "").lower()
    return re.search(rf"(?<![\w.]){re.escape(name.lower())}(?!\w)", plain) is not None
