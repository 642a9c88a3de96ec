"""Every column that a query reads, and every way in which it does, traced through subqueries to the tables.

Identifiers may be compared with an identifier of their kind, tested for presence, grouped by, projected and counted
distinct. Nothing else can be done with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from governance.catalogue import Catalogue
from governance.errors import BadInput
from governance.facts import Usage
from query_broker import relational as r


class Lineage:
    """Where columns come from: the sources of a query by id, and the way from an expression down to the tables."""

    def __init__(self, select: r.Select, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._datasets: dict[str, str] = {}
        self._derived: dict[str, r.Select] = {}
        self._computed: dict[r.ColumnRef, frozenset[r.ColumnRef]] = {}
        self._literal: set[str] = set()
        for scope in r.scopes_in(select):
            for joined in scope.sources:
                if isinstance(joined.source, r.TableScan):
                    self._datasets[joined.source.id] = joined.source.dataset
                    if isinstance(joined.source, r.LiteralRows):
                        self._literal.add(joined.source.id)
                else:
                    self._derived[joined.source.id] = joined.source.query

    def is_table(self, ref: r.ColumnRef) -> bool:
        """Whether the column belongs to a table reference and not to a subquery."""
        return ref.source in self._datasets

    def plain(self, ref: r.ColumnRef) -> r.ColumnRef | None:
        """The table column that a reference hands through unchanged, or ``None`` where it is computed."""
        if self.is_table(ref):
            return ref
        inner = self._derived[ref.source].projection(ref.name).expression
        return self.plain(inner) if isinstance(inner, r.ColumnRef) else None

    def origins(self, expression: r.Expression) -> frozenset[r.ColumnRef]:
        """Every table column that an expression's value depends on."""
        found: set[r.ColumnRef] = set()
        for ref in r.columns_in(expression):
            found |= self._origins_of_column(ref)
        for subquery in r.subqueries_in(expression):
            for scope in r.scopes_in(subquery):
                for inner in r.scope_expressions(scope):
                    found |= self.origins(inner)
        return frozenset(found)

    def _origins_of_column(self, ref: r.ColumnRef) -> frozenset[r.ColumnRef]:
        if self.is_table(ref):
            return frozenset({ref})
        if ref not in self._computed:  # kept, because a column may be read many times at each of many levels
            self._computed[ref] = self.origins(self._derived[ref.source].projection(ref.name).expression)
        return self._computed[ref]

    def key_kind(self, ref: r.ColumnRef) -> str | None:
        """Kind of identifier that a column hands through, or ``None``."""
        base = self.plain(ref)
        if base is None or base.source in self._literal:
            return None
        return self._catalogue.dataset(self._datasets[base.source]).column(base.name).key


def collect_usages(select: r.Select, lineage: Lineage) -> Mapping[r.ColumnRef, frozenset[Usage]]:
    """Usages of every table column that the query reads.

    Raises:
        BadInput: an identifier is used in a way that identifiers must not be.
    """
    found: defaultdict[r.ColumnRef, set[Usage]] = defaultdict(set)
    for scope in r.scopes_in(select):
        _Scope(found, lineage, is_root=scope is select).read(scope)
    return {ref: frozenset(usages) for ref, usages in found.items()}


class _Scope:
    def __init__(self, found: defaultdict[r.ColumnRef, set[Usage]], lineage: Lineage, *, is_root: bool) -> None:
        self._found = found
        self._lineage = lineage
        self._is_root = is_root

    def read(self, scope: r.Select) -> None:
        for joined in scope.sources:
            for conjunct in joined.on:
                self._condition(conjunct)
        for conjunct in (*scope.where, *scope.having):
            self._condition(conjunct)
        for key in scope.group:
            self._value(key, "group")
        ordered = {sort.position for sort in scope.order}
        for position, projection in enumerate(scope.projections):
            if projection.hidden:
                continue
            self._value(projection.expression, "output" if self._is_root else None)
            if position in ordered:
                self._value(projection.expression, "order")

    def _value(self, expression: r.Expression, usage: Usage | None) -> None:
        """An expression whose value is used; ``None`` where only an outer scope will say how."""
        if isinstance(expression, r.ColumnRef):
            if usage is not None:
                self._note(expression, usage)
            return
        self._inside(expression, usage or "output")

    def _inside(self, expression: r.Expression, usage: Usage) -> None:
        match expression:
            case r.ColumnRef():
                self._refuse_identifier(expression)
                self._note(expression, usage)
            case r.Aggregate():
                if isinstance(expression.argument, r.ColumnRef):
                    if not expression.distinct:
                        self._refuse_identifier(expression.argument)
                    self._note(expression.argument, "count_distinct" if expression.distinct else "aggregate")
                elif expression.argument is not None:
                    self._inside(expression.argument, "aggregate")
                if expression.where is not None:
                    self._condition(expression.where)
            case r.Comparison() | r.IsNull() | r.InList() | r.InQuery() | r.Not() | r.And() | r.Or():
                self._condition(expression)
            case r.Window():
                for key in expression.partition:
                    self._value(key, "group")
                for argument in expression.arguments:
                    self._inside(argument, usage)
                for key, _ in expression.order:
                    self._inside(key, "order")
            case r.Case():
                for condition, value in expression.branches:
                    self._condition(condition)
                    self._inside(value, usage)
                if expression.otherwise is not None:
                    self._inside(expression.otherwise, usage)
            case _:
                for part in r.operands(expression):
                    self._inside(part, usage)

    def _condition(self, expression: r.Expression) -> None:
        match expression:
            case r.Comparison(operator="=", left=r.ColumnRef() as left, right=r.ColumnRef() as right) if (
                self._lineage.key_kind(left) is not None and self._lineage.key_kind(right) is not None
            ):
                self._note(left, "join")
                self._note(right, "join")
            case r.IsNull(part=r.ColumnRef() as ref):
                self._note(ref, "null_check")
            case r.InQuery(part=part, query=query):
                for side in (part, query.projections[0].expression):
                    if isinstance(side, r.ColumnRef):
                        self._note(side, "join" if self._lineage.key_kind(side) else "predicate")
                    else:
                        self._inside(side, "predicate")
            case r.And() | r.Or():
                for part in expression.parts:
                    self._condition(part)
            case r.Not():
                self._condition(expression.part)
            case _:
                # Here only a column or a value stands for itself: what compares is taken apart, once.
                parts = (expression,) if isinstance(expression, r.ColumnRef) else r.operands(expression)
                for part in parts:
                    self._inside(part, "predicate")

    def _refuse_identifier(self, ref: r.ColumnRef) -> None:
        if self._lineage.key_kind(ref) is not None:
            raise BadInput("sql-identifier-use")

    def _note(self, ref: r.ColumnRef, usage: Usage) -> None:
        base = self._lineage.plain(ref)
        if base is not None:
            self._found[base].add(usage)
