"""That the final SQL is the asked query, but for what may be changed.

Asked and final query are walked side by side. They have to be equal in every scope, source, join, condition, key and
projection; ids of scans included, so that two references to one dataset cannot change places. Two things may differ:

* a condition of the asked query is missing in the final one because the department checks it: then it stands in the
  order of the one scan that it reads, word for word, and it stood where dropping the row early means the same. A
  condition that can move has to: rows that nobody needs do not leave;
* the outermost scope has further projections, which count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeAlias

from governance.conditions import Condition, FieldCondition
from query_broker import relational as r
from query_broker.read_back import bare, conjuncts

Moved: TypeAlias = tuple[Any, ...]
"""What a condition says, in a form that the asked query and a scan order have in common."""

_SAID: Mapping[str, str] = {"=": "eq", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_SEEN_FROM_THE_RIGHT: Mapping[str, str] = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}


class NotTheSame(Exception):  # noqa: N818 - it is a verdict on a plan
    """The final query asks something else."""


@dataclass(slots=True, kw_only=True)
class _Walk:
    parameters: Mapping[str, r.Constant]
    only_with: frozenset[r.ColumnRef] | None
    moved: defaultdict[str, list[Moved]] = field(default_factory=lambda: defaultdict(list))

    def scope(self, asked: r.Select, final: r.Select) -> None:
        _demand(len(asked.sources) == len(final.sources))
        firm = frozenset(j.source.id for j in asked.sources if isinstance(j.source, r.TableScan) and j.join != "left")
        for before, after in zip(asked.sources, final.sources, strict=True):
            _demand(before.join == after.join)
            own = frozenset({before.source.id} if isinstance(before.source, r.TableScan) else ())
            self.conditions(before.on, after.on, movable=own if before.join == "left" else firm)
            if isinstance(before.source, r.Derived) and isinstance(after.source, r.Derived):
                _demand(before.source.id == after.source.id)
                self.scope(before.source.query, after.source.query)
            else:
                _demand(before.source == after.source)
        self.conditions(asked.where, final.where, movable=firm)
        self.values(asked.group, final.group)
        _demand([p.name for p in asked.projections] == [p.name for p in final.projections])
        self.values(tuple(p.expression for p in asked.projections), tuple(p.expression for p in final.projections))
        # Whatever else a scope has, now or later, is the same.
        _demand(_rest(asked) == _rest(final))

    def values(self, asked: tuple[r.Expression, ...], final: tuple[r.Expression, ...]) -> None:
        _demand(len(asked) == len(final))
        for before, after in zip(asked, final, strict=True):
            _demand(_hollow(before) == _hollow(after))
            for inner, there in zip(r.subqueries_in(before), r.subqueries_in(after), strict=True):
                self.scope(inner, there)

    def conditions(
        self, asked: tuple[r.Expression, ...], final: tuple[r.Expression, ...], *, movable: frozenset[str]
    ) -> None:
        """Pair the conditions of one place; those without a partner have moved."""
        left = conjuncts(final)
        for condition in conjuncts(asked):
            partner = next((other for other in left if _hollow(other) == _hollow(condition)), None)
            if partner is None:
                self._has_moved(condition, movable)
            else:
                _demand(not self._could_move(condition, movable))
                left = [other for other in left if other is not partner]
                self.values((condition,), (partner,))
        _demand(not left)

    def _could_move(self, condition: r.Expression, movable: frozenset[str]) -> bool:
        """Whether the department can check it, where it stands and by what it says."""
        read = frozenset(r.columns_in(condition))
        sources = {column.source for column in read}
        if len(sources) != 1 or not sources <= movable or r.subqueries_in(condition):
            return False
        if self.only_with is not None and not self.only_with & read:
            return False
        try:
            _of_expression(condition, self.parameters)
        except NotTheSame:
            return False
        return True

    def _has_moved(self, condition: r.Expression, movable: frozenset[str]) -> None:
        _demand(self._could_move(condition, movable))
        self.moved[r.columns_in(condition)[0].source].append(_of_expression(condition, self.parameters))


def prove_same(
    asked: r.Select,
    final: r.Select,
    *,
    parameters: Mapping[str, r.Constant],
    ordered: Mapping[str, Condition],
    only_with: frozenset[r.ColumnRef] | None,
) -> tuple[r.Projection, ...]:
    """Prove that the final query and the scans' predicates say together what was asked.

    Args:
        asked: the query as it was resolved.
        final: the SQL that runs, read back.
        parameters: values of the asked query's parameters.
        ordered: predicates of each scan's order, by id.
        only_with: columns of which a moved condition has to read one; ``None`` where any may move.

    Returns the projections that the final query has beside the asked ones.

    Raises:
        NotTheSame: it cannot be proved.
    """
    plain, number = bare(asked), len(asked.projections)
    found = bare(final)
    walk = _Walk(parameters=parameters, only_with=only_with)
    walk.scope(plain, replace(found, projections=found.projections[:number], grouped=plain.grouped))
    for scan, condition in ordered.items():
        # Saying a condition twice says it once.
        said = set(map(repr, _parts(_of_condition(condition))))
        _demand(said == {repr(part) for moved in walk.moved.pop(scan, []) for part in _parts(moved)})
    _demand(not walk.moved)
    # Counting needs groups; a scope that had none must not become one.
    _demand(plain.grouped or len(found.projections) == number)
    return found.projections[number:]


def _demand(proved: bool) -> None:
    if not proved:
        raise NotTheSame


def _rest(scope: r.Select) -> r.Select:
    return replace(scope, sources=(), where=(), group=(), projections=())


def _hollow(expression: r.Expression) -> r.Expression:
    """The expression with its subqueries emptied: those are walked."""
    return r.replace_subqueries(expression, lambda query: replace(_rest(query), grouped=False))


def _of_expression(expression: r.Expression, parameters: Mapping[str, r.Constant]) -> Moved:
    match expression:
        case r.Comparison(operator=operator, left=r.ColumnRef(name=name), right=other):
            return (_SAID[operator], name, _constant(other, parameters))
        case r.Comparison(operator=operator, left=other, right=r.ColumnRef(name=name)):
            return (_SEEN_FROM_THE_RIGHT[_SAID[operator]], name, _constant(other, parameters))
        case r.ColumnRef(name=name):
            return ("eq", name, ("bool", True))
        case r.IsNull(part=r.ColumnRef(name=name)):
            return ("is_null", name, ("bool", True))
        case r.InList(part=r.ColumnRef(name=name), items=items):
            return ("in", name, tuple(_constant(item, parameters) for item in items))
        case r.Not(part=part):
            return ("not", (_of_expression(part, parameters),))
        case r.And(parts=parts):
            return ("and", tuple(_of_expression(part, parameters) for part in parts))
        case r.Or(parts=parts):
            return ("or", tuple(_of_expression(part, parameters) for part in parts))
        case _:
            raise NotTheSame


def _constant(expression: r.Expression, parameters: Mapping[str, r.Constant]) -> tuple[str, object]:
    match expression:
        case r.Literal(value=value):
            return _typed(value)
        case r.Parameter(name=name) if name in parameters:
            return _typed(parameters[name])
        case _:
            raise NotTheSame


def _typed(value: object) -> tuple[str, object]:
    """A value that is told from an equal one of another type; orders carry dates as their text."""
    return ("str", value.isoformat()) if isinstance(value, date) else (type(value).__name__, value)


def _of_condition(condition: Condition) -> Moved:
    if isinstance(condition, FieldCondition):
        value = condition.value
        said = tuple(map(_typed, value)) if isinstance(value, tuple) else _typed(value)
        return (condition.operator, condition.field, said)
    parts = tuple(map(_of_condition, condition.value))
    return (condition.operator, tuple(part for each in parts for part in _flat(condition.operator, each)))


def _flat(operator: str, part: Moved) -> tuple[Moved, ...]:
    """Brackets within brackets of one kind say nothing."""
    return part[1] if operator != "not" and part[0] == operator else (part,)


def _parts(moved: Moved) -> tuple[Moved, ...]:
    return moved[1] if moved[0] == "and" else (moved,)
