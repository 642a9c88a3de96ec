"""How many rows one person can have in a row-level answer: one, or more than one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from governance.catalogue import Catalogue
from query_broker import relational as r
from query_broker.roles import Roles


def rows_per_subject(select: r.Select, roles: Roles, catalogue: Catalogue) -> Literal["one", "many"]:
    """Whether the outermost scope provably has at most one row per subject; ``many`` where it is not provable."""
    if select.grouped:
        return "one" if _keys_name_one_subject(select, roles, catalogue) else "many"
    first, *others = select.sources
    bound = {first.source.id}
    if not _is_unique(first, catalogue, frozenset(_subject_keys(first, catalogue))):
        return "many"
    for joined in others:
        equated = frozenset(_equated(joined, select.where if joined.join == "inner" else (), bound))
        if not _is_unique(joined, catalogue, equated):
            return "many"
        bound.add(joined.source.id)
    return "one"


def _keys_name_one_subject(select: r.Select, roles: Roles, catalogue: Catalogue) -> bool:
    """Grouped by the cohort's key, and else only by columns of the cohort's own single row."""
    keys = [key for key in select.group if isinstance(key, r.ColumnRef)]
    for joined in select.sources:
        scan = joined.source
        if not isinstance(scan, r.TableScan) or roles.of_scan[scan.id] != "cohort":
            continue
        subject = catalogue.person_key(catalogue.dataset(scan.dataset))
        by_subject = any(key.source == scan.id and key.name == subject for key in keys)
        own_row = all(ref.source == scan.id for key in select.group for ref in r.columns_in(key))
        if by_subject and own_row and catalogue.dataset(scan.dataset).unique_by == (subject,):
            return True
    return False


def _subject_keys(joined: r.JoinedSource, catalogue: Catalogue) -> Iterator[str]:
    if isinstance(joined.source, r.TableScan):
        key = catalogue.person_key(catalogue.dataset(joined.source.dataset))
        if key is not None:
            yield key


def _equated(joined: r.JoinedSource, where: tuple[r.Expression, ...], bound: set[str]) -> Iterator[str]:
    """Columns of a source that equal a column of the sources before it."""
    for conjunct in (*joined.on, *where):
        if isinstance(conjunct, r.Comparison) and conjunct.operator == "=":
            for one, other in ((conjunct.left, conjunct.right), (conjunct.right, conjunct.left)):
                if (
                    isinstance(one, r.ColumnRef)
                    and isinstance(other, r.ColumnRef)
                    and one.source == joined.source.id
                    and other.source in bound
                ):
                    yield one.name


def _is_unique(joined: r.JoinedSource, catalogue: Catalogue, columns: frozenset[str]) -> bool:
    return any(key <= columns for key in _unique_keys(joined.source, catalogue))


def _unique_keys(source: r.TableScan | r.Derived, catalogue: Catalogue) -> Iterator[frozenset[str]]:
    """Sets of columns of which each combination of values stands in at most one row."""
    if isinstance(source, r.TableScan):
        unique_by = catalogue.dataset(source.dataset).unique_by
        if unique_by:
            yield frozenset(unique_by)
        return
    query = source.query
    names = {p.expression: p.name for p in query.projections}
    if query.grouped:
        if all(key in names for key in query.group):
            yield frozenset(names[key] for key in query.group)
        return
    if len(query.sources) == 1:
        inner = query.sources[0].source
        for key in _unique_keys(inner, catalogue):
            refs = [r.ColumnRef(source=inner.id, name=column) for column in key]
            if all(ref in names for ref in refs):
                yield frozenset(names[ref] for ref in refs)
