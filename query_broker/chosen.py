"""By which sensitive conditions the persons behind an answer are chosen, as keyed digests that compare and say nothing.

Two populations that are chosen alike may well be the same. Two that are chosen differently and are the same tell that
nobody is between them; where what differs is sensitive, that is a fact about everybody in them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date

from query_broker import relational as r
from query_broker.contributors import Contributors
from query_broker.differencing import Conditions
from query_broker.read_back import bare, conjuncts


@dataclass(frozen=True, slots=True, kw_only=True)
class Chooser:
    """Reads conditions of one query.

    Attributes:
        select: the query.
        cohort: ids of the scans whose persons the answer is about.
        plain: the columns on which a condition is not sensitive: of the cohort, and not said to be.
        parameters: values of its parameters.
        key: makes the digests.
    """

    select: r.Select
    cohort: frozenset[str]
    plain: frozenset[r.ColumnRef]
    parameters: Mapping[str, r.Constant]
    key: bytes

    def conditions(self, measures: tuple[str, ...]) -> Conditions:
        """Of whole groups, and of the named measures' contributors and others."""
        whole = bare(self.select)
        names = _names(self.select, self.parameters)

        def said(value: object) -> str:
            return _said(value, names, self.parameters)

        rows = {
            f"join {said(joined.source)} on {sorted(map(said, conjuncts(joined.on)))}"
            for joined in whole.sources
            if joined.join == "inner" and joined.source.id not in self.cohort
        }
        rows |= {said(c) for c in conjuncts(whole.where) if self._is_sensitive(c)}
        rows |= {f"by {said(key)}" for key in whole.group if self._is_sensitive(key)}
        people = Contributors(whole)
        inside, outside = [], []
        for name in measures:
            measure = whole.projection(name).expression
            needed = people.of(measure) if isinstance(measure, r.Aggregate) else None
            met = [c for c in (needed.conditions if needed is not None else ()) if self._is_sensitive(c)]
            inside.append(self._digest(rows | set(map(said, met))))
            missed = r.Not(part=met[0] if len(met) == 1 else r.And(parts=tuple(met)))
            outside.append(self._digest(rows | ({said(missed)} if met else set())))
        return Conditions(everybody=self._digest(rows), contributing=tuple(inside), others=tuple(outside))

    def _is_sensitive(self, expression: r.Expression) -> bool:
        return bool(r.subqueries_in(expression)) or not self.plain.issuperset(r.columns_in(expression))

    def _digest(self, said: set[str]) -> str:
        return hmac.new(self.key, "\n".join(sorted(said)).encode(), hashlib.sha256).hexdigest()[:32]


def _names(select: r.Select, parameters: Mapping[str, r.Constant]) -> dict[str, str]:
    """What each source is, rather than which: ids depend on what else a query reads."""
    names: dict[str, str] = {}
    for scope in reversed(list(r.scopes_in(select))):
        for joined in scope.sources:
            source = joined.source
            if isinstance(source, r.TableScan):
                names[source.id] = source.dataset
            else:
                names[source.id] = _said(bare(source.query), names, parameters)
    return names


def _said(value: object, names: Mapping[str, str], parameters: Mapping[str, r.Constant]) -> str:
    """A canonical text of an expression or a source."""
    match value:
        case r.ColumnRef(source=source, name=name):
            return f"{names.get(source, source)}.{name}"
        case r.Parameter(name=name) if name in parameters:
            return _constant(parameters[name])
        case r.Literal(value=constant):
            return _constant(constant)
        case r.TableScan(id=id_) | r.Derived(id=id_):
            return names.get(id_, id_)
        case tuple():
            return f"({', '.join(_said(item, names, parameters) for item in value)})"
        case r.And(parts=parts) | r.Or(parts=parts):
            return f"{type(value).__name__}({', '.join(sorted(_said(p, names, parameters) for p in parts))})"
    if is_dataclass(value) and not isinstance(value, type):
        inner = (f"{f.name}={_said(getattr(value, f.name), names, parameters)}" for f in fields(value))
        return f"{type(value).__name__}({', '.join(inner)})"
    return repr(value)


def _constant(value: r.Constant) -> str:
    return f"{type(value).__name__}:{value.isoformat() if isinstance(value, date) else value!r}"
