"""Names in a query of the wide language: every table becomes a scan, and every column is traced to the scans' own.

What is traced wrongly here does no harm: the query runs over exactly the columns that were found, so that a name which
the engine takes for another column finds nothing there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from governance.approvals import TemplateParameter
from governance.catalogue import Catalogue
from governance.errors import BadInput
from governance.facts import Usage
from query_broker import relational as r
from query_broker.expressions import whole_number
from query_broker.names import identifier, refuse
from query_broker.resolve import MAX_SCANS, MAX_SCOPE_DEPTH

Origins = frozenset[r.ColumnRef]
"""The columns of scans that a value is computed from."""
Outputs = Mapping[str, Origins]
"""The columns of a SELECT by name, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One SELECT: its id, the scans and scopes in its FROM, its grouping keys by their columns, and its aggregates."""

    id: str
    inputs: tuple[str, ...]
    keys: tuple[Origins, ...]
    aggregates: frozenset[str]


@dataclass(slots=True)
class _Frame:
    """What the expressions of one SELECT can see."""

    outer: _Frame | None
    ctes: Mapping[str, tuple[str, Outputs]]
    depth: int
    sources: dict[str, Outputs] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    merged: dict[str, Origins] = field(default_factory=dict)
    aliases: dict[str, Origins] = field(default_factory=dict)
    aggregates: set[str] = field(default_factory=set)

    def add(self, alias: str, columns: Outputs, node: exp.Expr) -> None:
        if alias in self.sources:
            raise refuse(node, "sql-name-twice")
        self.sources[alias] = columns


class Names:
    """Resolves one query that `query_broker.wide.gate` has let in; the tree's tables are renamed to their scans' ids.

    Attributes:
        scans: dataset of each scan, by id in order of appearance.
        usages: in which ways each column of a scan is used.
        scopes: every SELECT.
        used: parameters that the query uses.
    """

    def __init__(self, *, catalogue: Catalogue, declared: Mapping[str, TemplateParameter]) -> None:
        self.scans: dict[str, str] = {}
        self.usages: defaultdict[r.ColumnRef, set[Usage]] = defaultdict(set)
        self.scopes: list[Scope] = []
        self.used: set[str] = set()
        self._catalogue = catalogue
        self._declared = declared
        self._numbered = 0

    def query(self, node: exp.Select) -> Outputs:
        """The columns of the whole answer.

        Raises:
            BadInput: a name that means nothing, or more than one thing.
        """
        return self._select(node, _Frame(outer=None, ctes={}, depth=0))[1]

    def _select(self, node: exp.Select, frame: _Frame) -> tuple[str, Outputs]:
        if frame.depth > MAX_SCOPE_DEPTH:
            raise BadInput("sql-too-deep", limit=MAX_SCOPE_DEPTH)
        self._numbered += 1
        name = f"q{self._numbered}"
        self._with(node.args.get("with_"), frame)
        self._source(node.args["from_"].this, frame)
        for join in node.args.get("joins") or ():
            self._join(join, frame)
        outputs: dict[str, Origins] = {}
        for position, item in enumerate(node.expressions, start=1):
            if isinstance(item, exp.Star):
                continue
            origins = self._value(item.this if isinstance(item, exp.Alias) else item, frame, "output")
            named = identifier(item.args["alias"]) if isinstance(item, exp.Alias) else _own_name(item, position)
            if named in outputs:
                raise refuse(item, "sql-name-twice")
            outputs[named] = origins
            frame.aliases[named] = origins
        self._clause(node.args.get("where"), frame, "predicate")
        group = node.args.get("group")
        keys = tuple(self._value(key, frame, "group") for key in (group.expressions if group is not None else ()))
        self._clause(node.args.get("having"), frame, "predicate")
        order = node.args.get("order")
        for key in order.expressions if order is not None else ():
            self._value(key.this, frame, "order")
        self.scopes.append(
            Scope(id=name, inputs=tuple(frame.inputs), keys=keys, aggregates=frozenset(frame.aggregates))
        )
        return name, outputs

    def _clause(self, clause: exp.Expr | None, frame: _Frame, usage: Usage) -> None:
        if clause is not None:
            self._value(clause.this, frame, usage)

    # --- FROM ---

    def _with(self, clause: exp.Expr | None, frame: _Frame) -> None:
        for cte in clause.expressions if clause is not None else ():
            alias = cte.args["alias"]
            name = identifier(alias.this)
            if name in frame.ctes:
                raise refuse(cte, "sql-name-twice")
            scope, outputs = self._select(cte.this, _Frame(outer=None, ctes=frame.ctes, depth=frame.depth + 1))
            frame.ctes = {**frame.ctes, name: (scope, _renamed(outputs, alias))}

    def _source(self, node: exp.Expr, frame: _Frame) -> Outputs:
        alias = node.args.get("alias")
        if isinstance(node, exp.Table) and node.args.get("db") is not None:
            scan, columns = self._scan(node)
            frame.inputs.append(scan)
        elif isinstance(node, exp.Table):
            if identifier(node.this) not in frame.ctes:
                raise refuse(node, "sql-table-unknown")
            scope, columns = frame.ctes[identifier(node.this)]
            frame.inputs.append(scope)
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select):
            scope, columns = self._select(node.this, _Frame(outer=None, ctes=frame.ctes, depth=frame.depth + 1))
            frame.inputs.append(scope)
        else:
            raise refuse(node, "sql-construct")
        named = identifier(alias.this) if alias is not None else _table_name(node, len(frame.sources))
        columns = _renamed(columns, alias)
        frame.add(named, columns, node)
        if isinstance(node, exp.Table) and node.args.get("db") is not None:
            node.set("alias", alias or exp.TableAlias(this=exp.Identifier(this=named, quoted=True)))
            node.set("this", exp.Identifier(this=scan, quoted=True))
            node.set("db", None)
        return columns

    def _scan(self, node: exp.Table) -> tuple[str, Outputs]:
        dataset = f"{identifier(node.args['db'])}.{identifier(node.this)}"
        if dataset not in self._catalogue.datasets:
            raise refuse(node, "sql-table-unknown")
        scan = f"s{len(self.scans) + 1}"
        if len(self.scans) >= MAX_SCANS:
            raise BadInput("sql-too-many-tables", limit=MAX_SCANS)
        self.scans[scan] = dataset
        columns = self._catalogue.datasets[dataset].columns
        return scan, {name: frozenset({r.ColumnRef(source=scan, name=name)}) for name in columns}

    def _join(self, node: exp.Join, frame: _Frame) -> None:
        before = list(frame.sources.values())
        joined = self._source(node.this, frame)
        for shared in node.args.get("using") or ():
            name = identifier(shared)
            owners = [columns[name] for columns in before if name in columns]
            if name not in joined or not owners:
                raise refuse(shared, "sql-name-unknown")
            merged = frozenset.union(joined[name], *owners)
            self._note(merged, "join")
            frame.merged[name] = merged
        self._value(node.args.get("on"), frame, "join")

    # --- expressions ---

    def _value(self, node: exp.Expr | None, frame: _Frame, usage: Usage) -> Origins:
        """Take note of everything that an expression reads; the columns that it is computed from."""
        match node:
            case None:
                return frozenset()
            case exp.Column():
                return self._note(self._column(node, frame), usage)
            case exp.Select():
                inner = _Frame(outer=frame, ctes=frame.ctes, depth=frame.depth + 1)
                return frozenset[r.ColumnRef]().union(*self._select(node, inner)[1].values())
            case exp.Placeholder():
                name = node.this if isinstance(node.this, str) else ""
                if name not in self._declared:
                    raise refuse(node, "sql-parameter-undeclared")
                self.used.add(name)
                return frozenset()
            case exp.Count() if isinstance(node.this, exp.Distinct):
                usage = "count_distinct"
            case exp.AggFunc():
                usage = "aggregate"
            case exp.Is():
                usage = "null_check"
        found = [self._value(part, frame, usage) for part in node.iter_expressions()]
        origins = frozenset[r.ColumnRef]().union(*found)
        if isinstance(node, exp.AggFunc):
            read = "+".join(sorted(f"{each.source}.{each.name}" for each in origins))
            frame.aggregates.add(f"{node.sql_name().lower()}({read or '*'})")
        return origins

    def _column(self, node: exp.Column, frame: _Frame) -> Origins:
        name = identifier(node.this)
        table = identifier(node.args["table"]) if node.args.get("table") is not None else None
        at: _Frame | None = frame
        while at is not None:
            if table is not None:
                if table in at.sources:
                    if name in at.sources[table]:
                        return at.sources[table][name]
                    break
            else:
                if name in at.merged:
                    return at.merged[name]
                owners = [columns[name] for columns in at.sources.values() if name in columns]
                if len(owners) > 1:
                    raise refuse(node, "sql-name-ambiguous")
                if owners:
                    return owners[0]
                if name in at.aliases:
                    return at.aliases[name]
            at = at.outer
        raise refuse(node, "sql-name-unknown")

    def _note(self, origins: Origins, usage: Usage) -> Origins:
        for column in origins:
            self.usages[column].add(usage)
        return origins


def sort_keys(node: exp.Select, outputs: Outputs) -> tuple[r.SortKey, ...]:
    """ORDER BY as positions of the answer's columns.

    Raises:
        BadInput: it names something that is not put out.
    """
    order = node.args.get("order")
    return tuple(
        r.SortKey(position=_position(item.this, node, outputs), descending=bool(item.args.get("desc")))
        for item in (order.expressions if order is not None else ())
    )


def _position(value: exp.Expr, node: exp.Select, outputs: Outputs) -> int:
    if isinstance(value, exp.Literal):
        position = 0 if value.is_string else whole_number(value)
        if not 1 <= position <= len(outputs):
            raise refuse(value, "sql-position")
        return position - 1
    if isinstance(value, exp.Column) and value.args.get("table") is None and value.name.lower() in outputs:
        return list(outputs).index(value.name.lower())
    for position, item in enumerate(node.expressions):
        if (item.this if isinstance(item, exp.Alias) else item) == value:
            return position
    raise refuse(value, "sql-order-not-output")


def _own_name(item: exp.Expr, position: int) -> str:
    return identifier(item.this) if isinstance(item, exp.Column) else f"column{position}"


def _table_name(node: exp.Expr, before: int) -> str:
    """A source without an alias goes by its table's name, a subquery by one that nobody can write."""
    return identifier(node.this) if isinstance(node, exp.Table) else f"#{before}"


def _renamed(columns: Outputs, alias: exp.Expr | None) -> Outputs:
    """The columns under the names of ``AS t (a, b)``."""
    names = [identifier(name) for name in alias.args.get("columns") or ()] if alias is not None else []
    if len(names) > len(columns) or len({*names, *list(columns)[len(names) :]}) != len(columns):
        raise refuse(alias, "sql-name-twice")
    return dict(zip([*names, *list(columns)[len(names) :]], columns.values(), strict=True))
