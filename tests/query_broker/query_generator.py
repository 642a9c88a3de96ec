"""Random queries over the neutral town, sound and unsound, mostly tied together by keys.

What matters here is the shape: which table is tied to which by what, on which side of which join, at which depth. Every
name is qualified, so that a query means the same to whoever reads it. The first column of the answer is the key of the
first table.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

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

_WINDOWS = (
    "count(*) OVER (PARTITION BY KEY)",
    "max({0}) OVER (PARTITION BY KEY)",
    "sum({0}) OVER (PARTITION BY KEY)",
    "rank() OVER (PARTITION BY KEY ORDER BY {0})",
    "dense_rank() OVER (PARTITION BY KEY ORDER BY {0} DESC)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Something in FROM: its text, its alias, its keys with their kinds, its other columns with their types."""

    text: str
    alias: str
    keys: Mapping[str, str]
    items: Mapping[str, str]


_Pair = tuple[str, str]
"""Two qualified key columns of one kind."""


@dataclass(slots=True)
class QueryGenerator:
    """Queries from one seeded source of chance."""

    chance: random.Random
    _aliases: int = 0
    _ctes: dict[str, str] = field(default_factory=dict)
    _shapes: dict[str, _Source] = field(default_factory=dict)

    def query(self) -> str:
        """One query."""
        self._aliases, self._ctes, self._shapes = 0, {}, {}
        cohort = self._table("town.person" if self._maybe(0.85) else self._dataset())
        sources, text = self._joined(cohort, limit=3, depth=0)
        subject = f"{cohort.alias}.{next(iter(cohort.keys))}"
        grouped = self._maybe(0.15)
        outputs = [self._output(self.chance.choice(sources), sources, grouped=grouped) for _ in range(2)]
        projected = [f"{subject} AS subject", *(f"{output} AS x{n}" for n, output in enumerate(outputs))]
        query = f"SELECT {', '.join(projected)} FROM {text}{self._where(sources, depth=0)}"
        if grouped:
            query += f" GROUP BY {subject}"
        used = {name: cte for name, cte in self._ctes.items() if f" {name} " in query}
        if used:
            query = f"WITH {', '.join(f'{name} AS ({cte})' for name, cte in used.items())} {query}"
        return query

    # --- FROM ---

    def _joined(self, first: _Source, *, limit: int, depth: int) -> tuple[list[_Source], str]:
        sources, text = [first], first.text
        for number in range(self.chance.randint(0, limit)):
            joined = self._subquery(depth + 1) if depth < 2 and self._maybe(0.4) else self._related(sources)
            pairs = _pairs(joined, sources)
            if not pairs:
                continue
            tie = self._pick(pairs)
            if depth == number == 0 and self._maybe(0.3):
                # The shape in which other people come near: somebody of the household, not yet aggregated.
                tie = next((pair for pair in pairs if pair[0].endswith(("household_id", "dwelling_id"))), tie)
                sources.append(joined)
                text += f" {'LEFT JOIN' if self._maybe(0.7) else 'JOIN'} {joined.text} ON {self._equal(tie)}"
                continue
            kind = "LEFT JOIN" if self._maybe(0.55) else "JOIN"
            own, other = (column.partition(".") for column in tie)
            if own[2] == other[2] and len(sources) == 1 and self._maybe(0.3):
                text += f" {kind} {joined.text} USING ({own[2]})"
            else:
                text += f" {kind} {joined.text} ON {' AND '.join(self._on(tie, pairs, joined, sources))}"
            sources.append(joined)
        return sources, text

    def _on(self, tie: _Pair, pairs: list[_Pair], joined: _Source, before: list[_Source]) -> list[str]:
        ties = [self._equal(tie)]
        if self._maybe(0.3):
            ties.append(self._equal(self.chance.choice(pairs)))
        earlier = _pairs(before[-1], before[:-1])
        if earlier and self._maybe(0.15):
            ties.append(self._equal(self.chance.choice(earlier)))
        if joined.items and self._maybe(0.25):
            ties.append(self._condition(joined))
        if before[0].items and self._maybe(0.1):
            ties.append(self._condition(before[0]))
        self.chance.shuffle(ties)
        return ties

    def _related(self, others: Sequence[_Source]) -> _Source:
        """A table that has a kind of key in common with the last source, or with the first."""
        kinds = set((others[-1] if self._maybe(0.6) else others[0]).keys.values())
        table = self._table(self._dataset())
        while not kinds & set(table.keys.values()):
            table = self._table(self._dataset())
        return table

    def _table(self, dataset: str) -> _Source:
        alias = self._alias("t")
        columns = CATALOGUE.dataset(dataset).columns.values()
        return _Source(
            text=f"{dataset} {alias}",
            alias=alias,
            keys={c.name: c.key for c in columns if c.key is not None},
            items={c.name: c.type for c in columns if c.key is None},
        )

    def _subquery(self, depth: int) -> _Source:
        if self._shapes and depth == 1 and self._maybe(0.3):
            return self._reference(self.chance.choice(sorted(self._shapes)))
        sources, text = self._joined(self._table(self._dataset()), limit=2, depth=depth)
        holder = self.chance.choice(sources)
        if not holder.keys:
            return self._table(self._dataset())
        grouped = self._maybe(0.6)
        windowed = not grouped and self._maybe(0.7)
        keys = self.chance.sample(sorted(holder.keys), k=2 if len(holder.keys) > 1 and self._maybe(0.2) else 1)
        projected = [f"{holder.alias}.{key} AS {key}" for key in keys]
        items: dict[str, str] = {}
        for source in self.chance.sample(sources, k=min(2, len(sources))):
            if source.items:
                item = self.chance.choice(sorted(source.items))
                name, column = f"y{len(items)}", f"{source.alias}.{item}"
                form = self.chance.choice(_AGGREGATES[source.items[item]]) if grouped else "{}"
                if windowed and source.items[item] == "integer":
                    # Over the rows of one person, or of a household, which has to be refused.
                    by = f"{holder.alias}.{self.chance.choice([keys[0], *sorted(holder.keys)])}"
                    form = self.chance.choice(_WINDOWS).replace("KEY", by)
                items[name] = _type_of(form, source.items[item])
                projected.append(f"{form.format(column)} AS {name}")
        query = f"SELECT {', '.join(projected)} FROM {text}{self._where(sources, depth=depth)}"
        if grouped:
            query += f" GROUP BY {', '.join(f'{holder.alias}.{key}' for key in keys)}"
        name = self._alias("q")
        shape = _Source(text=f"({query}) {name}", alias=name, keys={k: holder.keys[k] for k in keys}, items=items)
        if depth == 1 and self._maybe(0.4):
            self._ctes[name], self._shapes[name] = query, shape
            return self._reference(name)
        return shape

    def _reference(self, name: str) -> _Source:
        alias = self._alias("d")
        return replace(self._shapes[name], text=f"{name} {alias}", alias=alias)

    # --- conditions ---

    def _where(self, sources: list[_Source], *, depth: int) -> str:
        parts: list[str] = []
        source = self.chance.choice(sources)
        if source.items and self._maybe(0.35):
            parts.append(self._condition(source))
        pairs = _pairs(sources[-1], sources[:-1])
        if pairs and self._maybe(0.25):
            parts.append(self._equal(self._pick(pairs)))
        if depth < 2 and self._maybe(0.35):
            parts.append(self._subquery_condition(sources, depth + 1))
        if parts and sources[0].items and self._maybe(0.1):
            parts = [f"({' OR '.join([*parts, self._condition(sources[0])])})"]
        return f" WHERE {' AND '.join(parts)}" if parts else ""

    def _subquery_condition(self, outer: list[_Source], depth: int) -> str:
        first = self._related(outer)
        if self._maybe(0.3):
            own, other = self._pick(_pairs(first, outer))
            return f"{other} IN (SELECT {own} FROM {first.text}{self._where([first], depth=depth)})"
        return self._exists(first, outer, depth)

    def _exists(self, first: _Source, outer: list[_Source], depth: int) -> str:
        sources, text = self._joined(first, limit=1, depth=depth)
        parts = [self._equal(self._pick(_pairs(first, outer)))]
        more = _pairs(sources[-1], outer)
        if more and self._maybe(0.5):
            parts.append(self._equal(self.chance.choice(more)))
        if sources[-1].items and self._maybe(0.4):
            parts.append(self._condition(sources[-1]))
        if depth < 2 and self._maybe(0.2):
            parts.append(self._exists(self._related(sources), sources, depth + 1))
        negation = "NOT " if self._maybe(0.4) else ""
        return f"{negation}EXISTS (SELECT 1 FROM {text} WHERE {' AND '.join(parts)})"

    def _condition(self, source: _Source) -> str:
        item = self.chance.choice(sorted(source.items))
        return self.chance.choice(_CONDITIONS[source.items[item]]).format(f"{source.alias}.{item}")

    def _output(self, source: _Source, sources: list[_Source], *, grouped: bool) -> str:
        if not source.items:
            return "count(*)" if grouped else f"{source.alias}.{next(iter(source.keys))} IS NULL"
        item = self.chance.choice(sorted(source.items))
        column = f"{source.alias}.{item}"
        if grouped:
            return self.chance.choice(_AGGREGATES[source.items[item]]).format(column)
        if self._maybe(0.15):
            return self._exists(self._related(sources), sources, 1)
        if self._maybe(0.2):
            return f"CASE WHEN {self._condition(source)} THEN 1 ELSE 0 END"
        return column

    # --- small things ---

    def _pick(self, pairs: list[_Pair]) -> _Pair:
        """Any pair, more often one with the first source."""
        return self.chance.choice(pairs[:2] if self._maybe(0.5) else pairs)

    def _equal(self, pair: _Pair) -> str:
        return " = ".join(self.chance.sample(pair, k=2))

    def _dataset(self) -> str:
        return self.chance.choices(list(_WEIGHTS), weights=list(_WEIGHTS.values()))[0]

    def _alias(self, letter: str) -> str:
        self._aliases += 1
        return f"{letter}{self._aliases}"

    def _maybe(self, probability: float) -> bool:
        return self.chance.random() < probability


def _pairs(source: _Source, others: Sequence[_Source]) -> list[_Pair]:
    """Every pair of a key of the source and a key of the others of the same kind."""
    return [
        (f"{source.alias}.{own}", f"{other.alias}.{name}")
        for other in others
        for own, kind in source.keys.items()
        for name, other_kind in other.keys.items()
        if kind == other_kind
    ]


def _type_of(form: str, column_type: str) -> str:
    if form.startswith("bool"):
        return "boolean"
    return column_type if form.startswith(("max", "min", "{}")) else "integer"
