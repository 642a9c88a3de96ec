"""Random queries over the neutral town, sound and unsound, mostly tied together by keys.

What matters here is the shape: which table is tied to which by what, on which side of which join, at which depth. Every
name is qualified, so that a query means the same to whoever reads it. The first column of the answer is the key of the
first table.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.query_broker.world import CATALOGUE

_WEIGHTS = {
    "town.person": 3,
    "town.member": 4,
    "town.dwelling": 1,
    "care.cert": 4,
    "care.payment": 2,
    "care.watch": 1,
    "clinic.register": 3,
    "clinic.visit": 3,
}
_CONDITIONS = {
    "integer": ("{} > 2", "{} <= 5", "{} + 1 > 3", "{} IS NULL", "{} BETWEEN 1 AND 7", "{} IN (1, 2, 3)"),
    "boolean": ("{}", "NOT {}", "{} IS NULL", "{} = TRUE"),
    "text": ("{} = 'adult'", "{} <> 'f'", "{} IS NOT NULL", "{} IN ('east', 'm', 'heavy')"),
    "date": ("{} >= DATE '2010-01-01'", "{} IS NULL"),
}
_AGGREGATES = {
    "integer": ("max({})", "sum({})", "count({})", "min({})"),
    "boolean": ("bool_or({})", "bool_and({})", "count({})", "count(*) FILTER (WHERE {})"),
    "text": ("count({})", "count(DISTINCT {})", "count(*) FILTER (WHERE {} = 'adult')"),
    "date": ("max({})", "count({})"),
}


@dataclass(frozen=True, slots=True)
class _Source:
    """Something with an alias: its keys with their kinds, and its other columns with their types."""

    alias: str
    keys: dict[str, str]
    items: dict[str, str]


@dataclass(slots=True)
class QueryGenerator:
    """Queries from one seeded source of chance."""

    chance: random.Random
    _aliases: int = 0
    _ctes: list[str] = field(default_factory=list)
    _shapes: dict[str, _Source] = field(default_factory=dict)

    def query(self) -> str:
        """One query."""
        self._aliases, self._ctes, self._shapes = 0, [], {}
        cohort = _table("town.person" if self._maybe(0.85) else self._dataset(), "c")
        sources, text = self._joined(cohort, limit=3, depth=0)
        key = next(iter(cohort.keys))
        grouped = self._maybe(0.15)
        projected = [f"c.{key} AS subject"]
        for number in range(self.chance.randint(1, 3)):
            source = self.chance.choice(sources)
            projected.append(f"{self._output(source, sources, grouped=grouped)} AS x{number}")
        query = f"SELECT {', '.join(projected)} FROM {text}{self._where(sources, depth=0)}"
        if grouped:
            query += f" GROUP BY c.{key}"
        if self._ctes:
            query = f"WITH {', '.join(self._ctes)} {query}"
        return query

    # --- FROM ---

    def _joined(self, first: _Source, *, limit: int, depth: int) -> tuple[list[_Source], str]:
        sources, text = [first], self._from(first)
        for _ in range(self.chance.randint(0, limit)):
            before = list(sources)
            joined = self._source(depth, like=before)
            pairs = _pairs(joined, before)
            if not pairs:
                continue
            own, other = self._pick(pairs, joined)
            kind = "LEFT JOIN" if self._maybe(0.55) else "JOIN"
            if own == other[1] and other[0] is before[0] and len(before) == 1 and self._maybe(0.4):
                text += f" {kind} {self._from(joined)} USING ({own})"
            else:
                ties = [f"{joined.alias}.{own} = {other[0].alias}.{other[1]}"]
                if self._maybe(0.3):
                    more, another = self.chance.choice(pairs)
                    ties.append(f"{another[0].alias}.{another[1]} = {joined.alias}.{more}")
                if self._maybe(0.15) and len(before) > 1:
                    ties.extend(self._tie(before[-1], before[:-1]))
                if self._maybe(0.25) and joined.items:
                    ties.append(self._condition(joined))
                if self._maybe(0.1) and before[0].items:
                    ties.append(self._condition(before[0]))
                self.chance.shuffle(ties)
                text += f" {kind} {self._from(joined)} ON {' AND '.join(ties)}"
            sources.append(joined)
        return sources, text

    def _source(self, depth: int, *, like: list[_Source]) -> _Source:
        if depth < 2 and self._maybe(0.35):
            return self._subquery(depth + 1)
        return self._table_like(like)

    def _table_like(self, others: list[_Source]) -> _Source:
        """A table that has a kind of key in common with others; mostly one that goes with the last of them."""
        kinds = set((others[-1] if self._maybe(0.6) else others[0]).keys.values())
        for _ in range(8):
            table = _table(self._dataset(), self._alias("t"))
            if kinds & set(table.keys.values()):
                return table
        return table

    def _subquery(self, depth: int) -> _Source:
        if self._ctes and self._maybe(0.2):
            name = self.chance.choice(sorted(self._shapes))
            return self._named(name)
        first = _table(self._dataset(), self._alias("t"))
        sources, text = self._joined(first, limit=2, depth=depth)
        keys: dict[str, str] = {}
        items: dict[str, str] = {}
        grouped = self._maybe(0.6)
        holder = self.chance.choice(sources)
        chosen = [self.chance.choice(sorted(holder.keys))]
        if not grouped or self._maybe(0.1):
            other = self.chance.choice(sources)
            chosen += [k for k in sorted(other.keys) if k not in chosen and other is holder][:1]
        projected = []
        for key in chosen:
            keys[key] = holder.keys[key]
            projected.append(f"{holder.alias}.{key} AS {key}")
        for number in range(self.chance.randint(1, 2)):
            source = self.chance.choice([s for s in sources if s.items] or sources)
            if not source.items:
                continue
            item = self.chance.choice(sorted(source.items))
            name, column = f"y{number}", f"{source.alias}.{item}"
            if grouped:
                form = self.chance.choice(_AGGREGATES[source.items[item]])
                items[name] = "boolean" if form.startswith("bool") else "integer"
                if form.startswith(("max", "min")):
                    items[name] = source.items[item]
                projected.append(f"{form.format(column)} AS {name}")
            else:
                items[name] = source.items[item]
                projected.append(f"{column} AS {name}")
        if grouped and not items:
            items["y0"] = "integer"
            projected.append("count(*) AS y0")
        query = f"SELECT {', '.join(projected)} FROM {text}{self._where(sources, depth=depth)}"
        if grouped:
            query += f" GROUP BY {', '.join(f'{holder.alias}.{key}' for key in chosen)}"
        name = self._alias("q")
        self._shapes[name] = _Source(f"({query})", keys, items)
        if depth == 1 and self._maybe(0.4):
            self._ctes.append(f"{name} AS ({query})")
            self._shapes[name] = _Source(name, keys, items)
            return self._named(name)
        del self._shapes[name]
        return _Source(f"({query}) {name}", keys, items)

    def _named(self, name: str) -> _Source:
        shape = self._shapes[name]
        return _Source(f"{name} {self._alias('d')}", shape.keys, shape.items)

    # --- conditions ---

    def _where(self, sources: list[_Source], *, depth: int) -> str:
        parts = []
        if self._maybe(0.35):
            source = self.chance.choice(sources)
            if source.items:
                parts.append(self._condition(source))
        if self._maybe(0.25) and len(sources) > 1:
            parts.extend(self._tie(sources[-1], sources[:-1]))
        if depth < 2 and self._maybe(0.35):
            parts.append(self._exists(sources, depth + 1))
        if self._maybe(0.1) and sources[0].items:
            parts = [f"({' OR '.join([*parts, self._condition(sources[0])])})"]
        return f" WHERE {' AND '.join(parts)}" if parts else ""

    def _exists(self, outer: list[_Source], depth: int) -> str:
        first = self._table_like(outer)
        if self._maybe(0.25):
            inner, own = self.chance.choice(outer), next(iter(first.keys))
            fitting = [k for k, kind in inner.keys.items() if kind == first.keys[own]]
            if fitting:
                return f"{_alias_of(inner)}.{fitting[0]} IN (SELECT {_alias_of(first)}.{own} FROM {self._from(first)})"
        sources, text = self._joined(first, limit=1, depth=depth)
        parts = self._tie(first, outer) or ["TRUE"]
        if self._maybe(0.3):
            parts.extend(self._tie(sources[-1], outer))
        if self._maybe(0.4):
            parts.extend([self._condition(s) for s in sources if s.items][:1])
        if depth < 2 and self._maybe(0.2):
            parts.append(self._exists(sources, depth + 1))
        negation = "NOT " if self._maybe(0.4) else ""
        return f"{negation}EXISTS (SELECT 1 FROM {text} WHERE {' AND '.join(parts)})"

    def _tie(self, source: _Source, others: list[_Source]) -> list[str]:
        pairs = _pairs(source, others)
        if not pairs:
            return []
        own, (other, name) = self._pick(pairs, source)
        sides = [f"{_alias_of(source)}.{own}", f"{_alias_of(other)}.{name}"]
        self.chance.shuffle(sides)
        return [" = ".join(sides)]

    def _pick(
        self, pairs: list[tuple[str, tuple[_Source, str]]], source: _Source
    ) -> tuple[str, tuple[_Source, str]]:
        """Mostly a tie to the first source; else any."""
        return self.chance.choice(pairs[:2] if self._maybe(0.5) else pairs)

    def _condition(self, source: _Source) -> str:
        item = self.chance.choice(sorted(source.items))
        return self.chance.choice(_CONDITIONS[source.items[item]]).format(f"{_alias_of(source)}.{item}")

    def _output(self, source: _Source, sources: list[_Source], *, grouped: bool) -> str:
        if not source.items:
            return "count(*)" if grouped else f"{_alias_of(source)}.{next(iter(source.keys))} IS NULL"
        item = self.chance.choice(sorted(source.items))
        column = f"{_alias_of(source)}.{item}"
        if grouped:
            return self.chance.choice(_AGGREGATES[source.items[item]]).format(column)
        if self._maybe(0.15):
            return self._exists(sources, 1).replace(" IN (", " IN (", 1)
        if self._maybe(0.2):
            return f"CASE WHEN {self._condition(source)} THEN 1 ELSE 0 END"
        return column

    # --- small things ---

    def _from(self, source: _Source) -> str:
        return source.alias

    def _dataset(self) -> str:
        return self.chance.choices(list(_WEIGHTS), weights=list(_WEIGHTS.values()))[0]

    def _alias(self, letter: str) -> str:
        self._aliases += 1
        return f"{letter}{self._aliases}"

    def _maybe(self, probability: float) -> bool:
        return self.chance.random() < probability
