"""Names in a parsed text: what an identifier means, which column a name means, and where a refusal points."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlglot import exp

from governance.errors import BadInput
from query_broker import relational as r

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")

# What the parser sets by itself on nodes that were written plainly.
_PARSERS_OWN_ARGUMENTS = {"big_int", "ignore_nulls", "_type"}


def position_of(node: exp.Expr | None) -> tuple[int, int]:
    """Line and column of a node, 0 where the parser kept none. What a user wrote is never repeated in an error (I7)."""
    if node is not None:
        for part in node.walk():
            if "line" in part.meta:
                return int(part.meta["line"]), int(part.meta["col"])
    return 0, 0


def refuse(node: exp.Expr | None, code: str) -> BadInput:
    """The refusal of a node, by code and position."""
    line, column = position_of(node)
    return BadInput(code, line=line, column=column)


def only(node: exp.Expr, *known: str) -> None:
    """Refuse a node that carries an argument without a rule."""
    for name, value in node.args.items():
        if name not in known and name not in _PARSERS_OWN_ARGUMENTS and value not in (None, False, [], ()):
            raise refuse(node, "sql-construct")


def identifier(node: exp.Expr | str | None) -> str:
    """The name that an identifier means: names are case-insensitive, quoted ones too.

    Raises:
        BadInput: characters that names may not have. Only ASCII is folded: a Kelvin sign is no ``k``.
    """
    name = node.name if isinstance(node, exp.Identifier) else ""
    if not name.isascii() or not _IDENTIFIER.fullmatch(name.lower()):
        raise refuse(node if isinstance(node, exp.Expr) else None, "sql-identifier")
    return name.lower()


def column_name(node: exp.Expr) -> str:
    """The name of a column; a star in its place is no name."""
    if not isinstance(node, exp.Identifier):
        raise refuse(node, "sql-construct")
    return identifier(node)


@dataclass(slots=True)
class Frame:
    """The names that one scope can see: its sources in order, columns merged by USING, and the scope around it."""

    outer: Frame | None
    _sources: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    _merged: dict[str, str] = field(default_factory=dict)

    def add(self, alias: str, source: str, columns: tuple[str, ...], node: exp.Expr) -> None:
        """Make a source visible under its alias."""
        if alias in self._sources:
            raise refuse(node, "sql-name-twice")
        self._sources[alias] = (source, columns)

    def merge(self, name: str, joined: str, node: exp.Expr) -> r.Comparison:
        """USING: the equality it stands for. From here on the bare name means the column of the leftmost source."""
        owners = [source for source, columns in self._sources.values() if name in columns]
        left = self._merged.get(name) or next((s for s in owners if s != joined), None)
        if left is None or joined not in owners:
            raise refuse(node, "sql-name-unknown")
        if name not in self._merged and len(owners) > 2:
            raise refuse(node, "sql-name-ambiguous")
        self._merged[name] = left
        return r.Comparison(
            operator="=", left=r.ColumnRef(source=left, name=name), right=r.ColumnRef(source=joined, name=name)
        )

    def common(self, joined: str) -> tuple[str, ...]:
        """Names of columns that a source has in common with those before it (NATURAL JOIN)."""
        own = next(columns for source, columns in self._sources.values() if source == joined)
        others = {name for source, columns in self._sources.values() if source != joined for name in columns}
        return tuple(name for name in own if name in others)

    def columns_of_subqueries(self, node: exp.Expr) -> tuple[r.ColumnRef, ...]:
        """What a star stands for: every column of every source, where all are subqueries or lists, which name theirs.

        Raises:
            BadInput: a source is a table, whose columns are to be named.
        """
        if self._merged or not all(source.startswith(("d", "v")) for source, _ in self._sources.values()):
            raise refuse(node, "sql-star")
        return tuple(
            r.ColumnRef(source=source, name=name) for source, names in self._sources.values() for name in names
        )

    def without_outer(self) -> Frame:
        """The same scope without what lies around it (ON sees its own FROM only)."""
        return Frame(None, self._sources, self._merged)

    def source_ids(self) -> frozenset[str]:
        """Ids of the sources that are visible so far."""
        return frozenset(source for source, _ in self._sources.values())

    def knows(self, name: str) -> bool:
        """Whether a bare name is a column of this scope's sources."""
        return any(name in columns for _, columns in self._sources.values())

    def column(self, table: str | None, name: str, node: exp.Expr) -> r.ColumnRef:
        """The one column that a name means.

        Raises:
            BadInput: none, or more than one.
        """
        if table is not None:
            if table in self._sources:
                source, columns = self._sources[table]
                if name in columns:
                    return r.ColumnRef(source=source, name=name)
            elif self.outer is not None:
                return self.outer.column(table, name, node)
            raise refuse(node, "sql-name-unknown")
        owners = [source for source, columns in self._sources.values() if name in columns]
        if name in self._merged:
            return r.ColumnRef(source=self._merged[name], name=name)
        if len(owners) > 1:
            raise refuse(node, "sql-name-ambiguous")
        if owners:
            return r.ColumnRef(source=owners[0], name=name)
        if self.outer is not None:
            return self.outer.column(None, name, node)
        raise refuse(node, "sql-name-unknown")
