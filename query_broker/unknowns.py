"""Unknown never becomes zero.

One NULL of SQL stands for *none*, *unknown* and *absent*. The catalogue says which a column or a missing row means.
Where it means unknown, whatever turns NULL into a value or drops it in silence (coalesce, a CASE that goes on to
another branch, FILTER, an aggregate, a condition of WHERE or ON that decides what an aggregate or a left join finds,
EXISTS) is refused, unless the same scope also outputs how many values were known: ``count(x)`` over at least the same
columns. For EXISTS and for conditions of WHERE and ON nothing helps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from governance.catalogue import Catalogue
from governance.errors import BadInput
from query_broker import relational as r
from query_broker.granted import GrantedColumn
from query_broker.usages import Lineage


def check_unknowns(
    select: r.Select, granted: Mapping[r.ColumnRef, GrantedColumn], lineage: Lineage, catalogue: Catalogue
) -> None:
    """Refuse what would make a fact of an unknown.

    Raises:
        BadInput: ``unknown-becomes-value``, naming the column and the count that would have to stand beside it.
    """
    check = _Unknowns(select, granted, lineage, catalogue)
    for scope in r.scopes_in(select):
        check.scope(scope, is_root=scope is select)


class _Unknowns:
    def __init__(
        self,
        select: r.Select,
        granted: Mapping[r.ColumnRef, GrantedColumn],
        lineage: Lineage,
        catalogue: Catalogue,
    ) -> None:
        self._granted = granted
        self._lineage = lineage
        self._catalogue = catalogue
        self._derived: dict[str, r.Select] = {}
        self._absent: set[str] = set()
        self._below: dict[r.ColumnRef, frozenset[r.ColumnRef]] = {}
        for scope in r.scopes_in(select):
            for joined in scope.sources:
                source = joined.source
                if isinstance(source, r.Derived):
                    self._derived[source.id] = source.query
                if joined.join == "left" and self._absence_is_unknown(source):
                    self._absent.add(source.id)

    def scope(self, scope: r.Select, *, is_root: bool) -> None:
        known = tuple(self._known_counts(scope))
        for projection in scope.projections:
            for part in r.walk(projection.expression):
                if self._is_known_count(part):
                    continue
                for read in self._turns_null_into_value(part):
                    self._require(read, known)
        inside = scope.grouped or not is_root
        for conjunct in (*scope.where, *scope.having) if inside else ():
            self._require_known(conjunct)
        beside_constants = any(isinstance(joined.source, r.LiteralRows) for joined in scope.sources)
        for joined in scope.sources:
            for conjunct in joined.on if inside or joined.join == "left" else ():
                # What a group is labelled with is known where there is one.
                self._require_known(conjunct, there=joined.source.id if beside_constants else None)
        for expression in r.scope_expressions(scope):
            for subquery in r.subqueries_in(expression):
                for joined in subquery.sources:
                    if self._absence_is_unknown(joined.source):
                        raise BadInput("unknown-in-exists", dataset=self._dataset_of(joined.source))

    def _turns_null_into_value(self, part: r.Expression) -> Iterator[frozenset[r.ColumnRef]]:
        """What an expression reads of columns that may be unknown, if it would hide that they are."""
        match part:
            case r.Function(name="coalesce" | "least" | "greatest" | "nullif") | r.And() | r.Or():
                yield self._unknowable(part)
            case r.Case(branches=branches, otherwise=otherwise) if (
                otherwise is not None or len(branches) > 1 or any(_asks_for_null(when) for when, _ in branches)
            ):
                yield self._unknowable(part)
            case r.IsNull(part=asked) if not all(
                isinstance(e, r.ColumnRef | r.Arithmetic | r.Literal) for e in r.walk(asked)
            ):
                yield self._unknowable(asked)
            case r.Window(name="count" | "sum" | "avg" | "min" | "max", arguments=arguments):
                for argument in arguments:
                    yield self._unknowable(argument)
            case r.Aggregate(name="only"):
                return  # what is left out, or not there, stays so
            case r.Aggregate(argument=argument, where=where):
                for inner in (argument, where):
                    if inner is not None:
                        yield self._unknowable(inner)
            case _:
                return

    def _require(self, read: frozenset[r.ColumnRef], known: tuple[frozenset[r.ColumnRef], ...]) -> None:
        if read and not any(read <= counted for counted in known):
            ref = min(read, key=lambda column: (column.source, column.name))
            raise BadInput("unknown-becomes-value", dataset=self._granted[ref].dataset, column=ref.name)

    def _require_known(self, conjunct: r.Expression, *, there: str | None = None) -> None:
        """A condition that drops rows may ask whether something is known, and nothing else of what may not be."""
        if not isinstance(conjunct, r.Not) or not isinstance(conjunct.part, r.IsNull):
            self._require(self._unknowable(conjunct, there=there), known=())

    def _known_counts(self, scope: r.Select) -> Iterator[frozenset[r.ColumnRef]]:
        """Columns whose known values the scope counts in its output."""
        for projection in scope.projections:
            counted = projection.expression
            while isinstance(counted, r.ColumnRef) and counted.source in self._derived:
                counted = self._derived[counted.source].projection(counted.name).expression
            if self._is_known_count(counted):
                yield self._lineage.origins(counted)

    def _is_known_count(self, expression: r.Expression) -> bool:
        """``count(x)`` where x is NULL as soon as one of its columns is."""
        return (
            isinstance(expression, r.Aggregate)
            and expression.name == "count"
            and expression.argument is not None
            and not expression.distinct
            and expression.where is None
            and all(isinstance(e, r.ColumnRef | r.Arithmetic | r.Literal) for e in r.walk(expression.argument))
        )

    def _unknowable(self, expression: r.Expression, *, there: str | None = None) -> frozenset[r.ColumnRef]:
        """Table columns below an expression that may be unknown there; identifiers aside, which are never counted.

        Args:
            there: the id of a source of which there is a row.
        """
        found: set[r.ColumnRef] = set()
        for ref in r.columns_in(expression):
            if self._lineage.key_kind(ref) is not None:
                continue
            origins = self._lineage.origins(ref)
            if ref.source in self._absent and ref.source != there:
                found |= {o for o in origins if self._lineage.key_kind(o) is None} or origins
            elif ref.source in self._derived:
                found |= self._unknowable_below(ref)
            else:
                found |= {o for o in origins if self._granted[o].may_be_unknown}
        return frozenset(found)

    def _unknowable_below(self, ref: r.ColumnRef) -> frozenset[r.ColumnRef]:
        """The same for a column of a subquery; a count is never NULL, whatever it counts."""
        if ref not in self._below:
            inner = self._derived[ref.source].projection(ref.name).expression
            match inner:
                case r.Aggregate(name="count"):
                    self._below[ref] = frozenset()
                case r.Aggregate(name="only", argument=cell) if cell is not None:
                    self._below[ref] = self._lineage.origins(cell)  # there need be no such row
                case _:
                    self._below[ref] = self._unknowable(inner)
        return self._below[ref]

    def _absence_is_unknown(self, source: r.TableScan | r.Derived) -> bool:
        if isinstance(source, r.TableScan):
            return self._catalogue.dataset(source.dataset).absent_row == "unknown"
        return any(self._absence_is_unknown(j.source) for j in source.query.sources)

    def _dataset_of(self, source: r.TableScan | r.Derived) -> str:
        return source.dataset if isinstance(source, r.TableScan) else self._dataset_of(source.query.sources[0].source)


def _asks_for_null(condition: r.Expression) -> bool:
    return any(isinstance(e, r.IsNull) for e in r.walk(condition))
