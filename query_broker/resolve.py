"""From a parsed tree to the broker's algebra: every name resolved against the catalogue, or refused.

The tree of the parser is read, never kept. For each node there is one rule, which names the arguments that it
understands; a node or an argument without a rule is outside what may be asked. CTEs are inlined by lexical scope, so a
table can never be taken for a CTE of the same name or the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from governance.approvals import TemplateParameter
from governance.catalogue import Catalogue
from governance.errors import BadInput
from query_broker import relational as r
from query_broker.clauses import (
    alias_of,
    check_grouping,
    column_names,
    conjuncts,
    group_of,
    having_of,
    limit_of,
    order_of,
)
from query_broker.expressions import Read, Reading, expression
from query_broker.literal_rows import as_list, laid_out, list_in, literal_rows, named, renamed
from query_broker.names import Frame, identifier, only, refuse
from query_broker.pivot import pivoted

MAX_SCANS = 64
MAX_SCOPE_DEPTH = 16


@dataclass(slots=True)
class _Cte:
    """A CTE as written, with the CTEs that its own text can see, and whether anything read it."""

    query: exp.Select | exp.Pivot
    columns: tuple[str, ...]
    visible: Mapping[str, _Cte]
    used: bool = False


class Resolver:
    """Resolves one query; holds the counters of ids, what was read so far, and nothing else that changes."""

    def __init__(self, *, catalogue: Catalogue, declared: Mapping[str, TemplateParameter]) -> None:
        self._catalogue = catalogue
        self._reading = Reading(declared)
        self._keys: set[r.ColumnRef] = set()
        self._scans = 0
        self._derived = 0
        self._lists = 0
        self._scopes = 0

    @property
    def used(self) -> set[str]:
        """The parameters that the query uses."""
        return self._reading.used

    def query(self, node: exp.Expr) -> r.Select:
        """The root of a statement.

        Raises:
            BadInput: anything outside the algebra, or a name that is not in the catalogue.
        """
        if isinstance(node, exp.Pivot):
            node = exp.Select(expressions=[exp.Star()], from_=exp.From(this=exp.Subquery(this=node)))
        if not isinstance(node, exp.Select):
            raise refuse(node, "sql-not-a-select")
        return self._select(node, ctes={}, outer=None, depth=0, place="root")

    def _select(
        self,
        node: exp.Select,
        *,
        ctes: Mapping[str, _Cte],
        outer: Frame | None,
        depth: int,
        place: str,
        nesting: int = 0,
    ) -> r.Select:
        if depth > MAX_SCOPE_DEPTH:
            raise BadInput("sql-too-deep", limit=MAX_SCOPE_DEPTH)
        only(
            node, "expressions", "from_", "joins", "where", "group", "order", "with_", "having", "limit", "distinct"
        )  # fmt: skip
        own = self._with(node.args.get("with_"), ctes)
        visible = {**ctes, **own}
        scope_id = self._scope_id()
        source_clause = node.args.get("from_")
        if source_clause is None:
            raise refuse(node, "sql-no-table")
        frame = Frame(outer=outer)
        joined = [self._source(source_clause.this, "from", frame, visible, depth)]
        joined.extend(self._join(join, frame, visible, depth) for join in node.args.get("joins") or ())

        def read(
            part: exp.Expr,
            *,
            aggregates: bool,
            condition: bool = False,
            windows: bool = False,
            aliases: Mapping[str, r.Expression] | None = None,
        ) -> r.Expression:
            return expression(
                part,
                frame,
                self._reading,
                aggregates=aggregates,
                subquery=lambda inner, nesting: self._subquery(inner, visible, frame, depth, nesting),
                condition=condition,
                depth=nesting,
                windows=windows,
                aliases=aliases,
            )

        where = node.args.get("where")
        conditions = conjuncts(read(where.this, aggregates=False, condition=True)) if where else ()
        joined, conditions = self._tied(joined, conditions, node)
        projections = self._projections(node, frame, read)
        group, sets = group_of(node.args.get("group"), frame, projections, read)
        having = having_of(node.args.get("having"), projections, read)
        order = order_of(node.args.get("order"), projections, read, place)
        in_output = (e for value in (*having, *(p.expression for p in projections)) for e in r.walk(value))
        grouped = bool(group) or any(isinstance(e, r.Aggregate) for e in in_output)
        if having and not grouped:
            raise refuse(node, "sql-having-ungrouped")
        distinct = node.args.get("distinct")
        if distinct is not None:
            only(distinct)
        select = r.Select(
            id=scope_id,
            sources=tuple(joined),
            where=conditions,
            grouped=grouped,
            group=group,
            projections=projections,
            order=order,
            having=having,
            distinct=distinct is not None,
            limit=limit_of(node, place),
            sets=sets,
        )
        if grouped:
            check_grouping(select, node)
        if not all(cte.used for cte in own.values()):
            raise refuse(node.args["with_"], "sql-cte-unused")
        return laid_out(
            select,
            node,
            keys=lambda value: any(column in self._keys for column in r.columns_in(value)),
            scope=self._scope_id,
            subquery=self._derived_id,
        )

    # --- FROM ---

    def _with(self, clause: exp.Expr | None, ctes: Mapping[str, _Cte]) -> Mapping[str, _Cte]:
        own: dict[str, _Cte] = {}
        if clause is None:
            return own
        only(clause, "expressions")
        for cte in clause.expressions:
            only(cte, "this", "alias")
            only(cte.args["alias"], "this", "columns")
            if not isinstance(cte.this, exp.Select | exp.Pivot):
                raise refuse(cte, "sql-not-a-select")
            name = identifier(cte.args["alias"].this)
            if name in ctes or name in own:
                raise refuse(cte, "sql-name-twice")
            own[name] = _Cte(cte.this, column_names(cte), {**ctes, **own})
        return own

    def _source(
        self, node: exp.Expr, join: str, frame: Frame, visible: Mapping[str, _Cte], depth: int
    ) -> r.JoinedSource:
        source: r.TableScan | r.LiteralRows | r.Derived
        if join == "from" and len(node.args.get("pivots") or ()) == 1:
            pivot, bare = node.args["pivots"][0], node.copy()
            bare.set("pivots", None)
            alias = alias_of(pivot)
            source = self._pivoted(pivot, bare, visible, depth)
            columns = _columns_of(source)
            alias = alias or f"#{source.id}"
        elif isinstance(node, exp.Table):
            only(node, "this", "db", "alias")
            if not isinstance(node.this, exp.Identifier):
                raise refuse(node, "sql-construct")
            alias = alias_of(node)
            name = identifier(node.this)
            if "db" in node.args and node.args["db"] is not None:
                source, columns = self._scan(node, name)
            elif name in visible:
                cte = visible[name]
                cte.used = True
                source = self._derive(cte.query, cte.visible, depth, cte.columns)
                columns = _columns_of(source)
            else:
                raise refuse(node, "sql-table-unknown")
            alias = alias or name
        elif isinstance(node, exp.Subquery):
            only(node, "this", "alias")
            inner_alias = alias_of(node, with_columns=True)
            source = self._derive(node.this, visible, depth, column_names(node))
            alias = inner_alias or f"#{source.id}"  # a name that nobody can write
            columns = _columns_of(source)
        elif isinstance(node, exp.Values | exp.Unnest):
            source = self._listed(node)
            alias = alias_of(node, with_columns=True) or f"#{source.id}"
            columns = source.columns
        else:
            raise refuse(node, "sql-construct")
        frame.add(alias, source.id, columns, node)
        return r.JoinedSource(source=source, join="from" if join == "from" else "inner", on=())

    def _scan(self, node: exp.Table, name: str) -> tuple[r.TableScan, tuple[str, ...]]:
        full_name = f"{identifier(node.args['db'])}.{name}"
        dataset = self._catalogue.datasets.get(full_name)
        if dataset is None:
            raise refuse(node, "sql-table-unknown")
        self._scans += 1
        if self._scans > MAX_SCANS:
            raise BadInput("sql-too-many-tables", limit=MAX_SCANS)
        scan = r.TableScan(id=f"s{self._scans}", dataset=full_name)
        self._keys |= {r.ColumnRef(source=scan.id, name=c.name) for c in dataset.columns.values() if c.key is not None}
        return scan, tuple(dataset.columns)

    def _derive(
        self, node: exp.Expr, visible: Mapping[str, _Cte], depth: int, names: tuple[str, ...] = ()
    ) -> r.Derived | r.LiteralRows:
        """A subquery; ``names`` are those that its alias gives to its columns, from the left."""
        if isinstance(node, exp.Pivot) and node.args.get("this") is not None and not names:
            return self._pivoted(node, node.this, visible, depth)
        if not isinstance(node, exp.Select):
            raise refuse(node, "sql-not-a-select")
        listed = list_in(node)
        if listed is not None:
            return renamed(self._listed(listed), names, node)
        derived_id = self._derived_id()
        query = self._select(node, ctes=visible, outer=None, depth=depth + 1, place="from")
        rows = as_list(query)
        if rows is not None:
            return renamed(rows, names, node)
        put_out = named((p.name for p in query.projections), names, node)
        named_query = (replace(p, name=name) for p, name in zip(query.projections, put_out, strict=True))
        return self._put_out(derived_id, replace(query, projections=tuple(named_query)))

    def _listed(self, node: exp.Values | exp.Unnest) -> r.LiteralRows:
        self._lists += 1
        return literal_rows(
            node,
            f"v{self._lists}",
            lambda cell: expression(cell, Frame(outer=None), self._reading, aggregates=False, subquery=None),
        )

    def _pivoted(self, pivot: exp.Pivot, node: exp.Expr, visible: Mapping[str, _Cte], depth: int) -> r.Derived:
        if depth >= MAX_SCOPE_DEPTH:
            raise BadInput("sql-too-deep", limit=MAX_SCOPE_DEPTH)
        frame, derived_id = Frame(outer=None), self._derived_id()
        query = pivoted(
            pivot,
            self._source(node, "from", frame, visible, depth + 1),
            frame,
            reading=self._reading,
            keys=self._keys,
            scope=self._scope_id,
            subquery=self._derived_id,
        )
        return self._put_out(derived_id, query)

    def _put_out(self, derived_id: str, query: r.Select) -> r.Derived:
        self._keys |= {
            r.ColumnRef(source=derived_id, name=p.name) for p in query.projections if p.expression in self._keys
        }
        return r.Derived(id=derived_id, query=query)

    def _derived_id(self) -> str:
        self._derived += 1
        return f"d{self._derived}"

    def _scope_id(self) -> str:
        self._scopes += 1
        return f"q{self._scopes}"

    def _join(self, node: exp.Join, frame: Frame, visible: Mapping[str, _Cte], depth: int) -> r.JoinedSource:
        only(node, "this", "side", "kind", "on", "using", "method")
        side, kind = str(node.args.get("side") or ""), str(node.args.get("kind") or "")
        natural = str(node.args.get("method") or "") == "NATURAL"
        if (node.args.get("method") and not natural) or (side, kind) not in {
            ("", ""),
            ("", "INNER"),
            ("LEFT", ""),
            ("LEFT", "OUTER"),
        }:
            raise refuse(node, "sql-join-kind")
        earlier = frame.source_ids()
        joined = self._source(node.this, "join", frame, visible, depth)
        written = [bool(node.args.get("on") is not None), bool(node.args.get("using")), natural].count(True)
        if written == 0 and (side, kind) == ("", ""):
            return r.JoinedSource(source=joined.source, join="inner", on=())  # `_tied` looks for its equality in WHERE
        if written != 1:
            raise refuse(node, "sql-join-without-key")
        if natural:
            on: tuple[r.Expression, ...] = tuple(
                frame.merge(name, joined.source.id, node) for name in frame.common(joined.source.id)
            )
        elif node.args.get("using"):
            on = tuple(frame.merge(identifier(name), joined.source.id, name) for name in node.args["using"])
        else:
            on = conjuncts(
                expression(
                    node.args["on"],
                    frame.without_outer(),
                    self._reading,
                    aggregates=False,
                    subquery=None,
                )
            )
        listed = isinstance(joined.source, r.LiteralRows) or all(source.startswith("v") for source in earlier)
        if not listed and not any(self._ties(conjunct, joined.source.id, earlier) for conjunct in on):
            raise refuse(node, "sql-join-without-key")
        return r.JoinedSource(source=joined.source, join="left" if side == "LEFT" else "inner", on=on)

    def _tied(
        self, sources: list[r.JoinedSource], where: tuple[r.Expression, ...], node: exp.Expr
    ) -> tuple[list[r.JoinedSource], tuple[r.Expression, ...]]:
        """The same joins, those with a comma with the equalities of WHERE that tie them; and the rest of WHERE."""
        made: list[r.JoinedSource] = []
        for joined in sources:
            earlier = frozenset(before.source.id for before in made)
            listed = isinstance(joined.source, r.LiteralRows) or all(source.startswith("v") for source in earlier)
            if joined.join == "inner" and not joined.on and not listed:
                ties = tuple(conjunct for conjunct in where if self._ties(conjunct, joined.source.id, earlier))
                if not ties:
                    raise refuse(node, "sql-join-without-key")
                where = tuple(conjunct for conjunct in where if conjunct not in ties)
                joined = replace(joined, on=ties)  # noqa: PLW2901
            made.append(joined)
        return made, where

    def _ties(self, conjunct: r.Expression, joined: str, earlier: frozenset[str]) -> bool:
        """Whether a conjunct equates an identifier of the joined source with one of a source before it."""
        if not isinstance(conjunct, r.Comparison) or conjunct.operator != "=":
            return False
        sides = (conjunct.left, conjunct.right)
        sources = {side.source for side in sides if isinstance(side, r.ColumnRef) and side in self._keys}
        return len(sources) == 2 and joined in sources and bool(sources & earlier)

    def _subquery(
        self, node: exp.Expr, visible: Mapping[str, _Cte], frame: Frame, depth: int, nesting: int
    ) -> r.Select:
        if not isinstance(node, exp.Select):
            raise refuse(node, "sql-not-a-select")
        select = self._select(node, ctes=visible, outer=frame, depth=depth + 1, place="exists", nesting=nesting)
        if select.grouped:
            raise refuse(node, "sql-aggregate-in-exists")
        return select

    # --- the clauses ---

    def _projections(self, node: exp.Select, frame: Frame, read: Read) -> tuple[r.Projection, ...]:
        projections: list[r.Projection] = []
        names: set[str] = set()

        def put_out(name: str, value: r.Expression, item: exp.Expr) -> None:
            if name in names:
                raise refuse(item, "sql-name-twice")
            names.add(name)
            projections.append(r.Projection(name=name, expression=value))

        for item in node.expressions:
            if isinstance(item, exp.Star):
                only(item)
                for column in frame.columns_of_subqueries(item):
                    put_out(column.name, column, item)
            elif isinstance(item, exp.Alias):
                only(item, "this", "alias")
                put_out(identifier(item.args["alias"]), read(item.this, aggregates=True, windows=True), item)
            else:
                value = read(item, aggregates=True, windows=True)
                named = value.name if isinstance(value, r.ColumnRef) else f"column{len(projections) + 1}"
                put_out(named, value, item)
        if not projections:
            raise refuse(node, "sql-construct")
        return tuple(projections)


def _columns_of(source: r.Derived | r.LiteralRows) -> tuple[str, ...]:
    return source.columns if isinstance(source, r.LiteralRows) else tuple(p.name for p in source.query.projections)
