"""On which scans the rows of an answer rest, and on which its columns do.

A source that comes late is left out: nothing is asked of it, and every column that rests on it is unknown. That is
possible only where no row rests on it, neither whether it stands there nor how often. A column of a subquery rests on
everything in that subquery; a source rests on whatever it is reached through as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from query_broker import relational as r


class Reliance:
    """What the outermost scope of a query rests on.

    Attributes:
        rows: scans that decide which rows there are.
    """

    def __init__(self, select: r.Select) -> None:
        self._all = frozenset(scan.id for scan in r.scans_in(select))
        self._of_source: dict[str, frozenset[str]] = {}
        self._grouped = select.grouped
        rows: set[str] = set()
        for joined in select.sources:
            source = joined.source
            own = {source.id} if isinstance(source, r.TableScan) else {s.id for s in r.scans_in(source.query)}
            self._of_source[source.id] = frozenset(own)
            self._of_source[source.id] |= self._reads(joined.on)
            if joined.join != "left":
                rows |= self._of_source[source.id]
        rows |= self._reads((*select.where, *select.group, *select.having))
        # Which rows are left of several, or of the first so many, whatever they hold may decide.
        self.rows = self._all if select.distinct or select.limit is not None else frozenset(rows)

    def of(self, expression: r.Expression) -> frozenset[str]:
        """The scans on which a column of the answer rests."""
        if self._grouped and any(isinstance(part, r.Aggregate) for part in r.walk(expression)):
            return self._all  # how many rows are aggregated, every source decides
        return self._reads((expression,))

    def _reads(self, expressions: tuple[r.Expression, ...]) -> frozenset[str]:
        return frozenset(scan for expression in expressions for scan in self._read_by(expression))

    def _read_by(self, expression: r.Expression) -> Iterator[str]:
        for ref in r.columns_in(expression):
            yield from self._of_source.get(ref.source, ())
        for subquery in r.subqueries_in(expression):
            yield from (scan.id for scan in r.scans_in(subquery))
            for scope in r.scopes_in(subquery):
                yield from self._reads(tuple(r.scope_expressions(scope)))
