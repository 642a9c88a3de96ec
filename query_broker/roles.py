"""How each table reference is tied to the persons that a result is about (``docs/scan-roles.md``).

A person's row may depend on the person's own data, and on its household's through a household aggregation, and on
nothing else. Whether it does is read from **directed** key equalities: an inner join binds both sides, a left join
binds its optional side only, a subquery is bound by what surrounds it and never binds. Union-find over join keys, the
obvious way, lets other people stand as rows.

The nodes are key columns of sources. *Subject* nodes hold the key of the row's own person, or a household or bridged
key of that person. *Household* nodes hold the key of somebody who lives with that person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from governance.catalogue import Catalogue, Dataset
from governance.errors import BadInput
from governance.facts import ScanRole
from query_broker import relational as r
from query_broker.usages import Lineage

Node = r.ColumnRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The outcome.

    Attributes:
        of_scan: role of every scan, by id.
        subject_nodes: key columns that hold the row's own person's keys.
    """

    of_scan: Mapping[str, ScanRole]
    subject_nodes: frozenset[Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a scan stands: its scope, and whether that is below EXISTS or IN."""

    scope: r.Select
    below_exists: bool


def assign_roles(select: r.Select, catalogue: Catalogue) -> Roles:
    """The role of every scan of a query.

    Raises:
        BadInput: keys of different kinds are compared.
    """
    carried = carried_cohort(select, catalogue)
    graph = _KeyGraph(catalogue, carried=frozenset(carried[1]) if carried is not None else frozenset())
    places = dict(_places(select, below_exists=False))
    graph.read(select)
    cohorts = (carried[0],) if carried is not None else _cohorts(select, catalogue, graph)
    subject: set[Node] = {node for scan in cohorts if (node := graph.person(scan)) is not None}
    person_kinds = {graph.kind(node) for node in subject}
    scans = r.scans_in(select)
    graph.spread(subject, lambda found: graph.same_row_of_subject(found, scans))
    household = graph.household_members(subject, scans)
    graph.spread(household, lambda found: graph.bridged(found, scans), without=subject)
    roles: dict[str, ScanRole] = {}
    cohort_ids = {scan.id for scan in cohorts}
    for scan in scans:
        roles[scan.id] = (
            "cohort"
            if scan.id in cohort_ids
            else _role(scan, person_kinds, catalogue, places[scan.id], subject, household, graph, root=select)
        )
    return Roles(of_scan=roles, subject_nodes=frozenset(subject))


def _role(
    scan: r.TableScan,
    person_kinds: set[str | None],
    catalogue: Catalogue,
    place: _Place,
    subject: set[Node],
    household: set[Node],
    graph: _KeyGraph,
    *,
    root: r.Select,
) -> ScanRole:
    keys = {c.name: c.key for c in catalogue.dataset(scan.dataset).columns.values() if c.key is not None}
    at_subject = {kind for name, kind in keys.items() if Node(source=scan.id, name=name) in subject}
    at_household = any(Node(source=scan.id, name=name) in household for name in keys)
    own = set(keys.values()) - set(catalogue.household_kinds)
    if at_subject & person_kinds:
        return "attribute"
    if at_subject & own:
        return "bridge"
    reached_as_household = at_household or (not own and bool(at_subject))
    if reached_as_household and (place.below_exists or graph.grouped_by_household(place.scope, subject)):
        return "household"
    if reached_as_household and place.scope is root and is_core(root, graph):
        return "household"  # groups of the answer are counted in households, too
    return "unreached"


def _cohorts(select: r.Select, catalogue: Catalogue, graph: _KeyGraph) -> tuple[r.TableScan, ...]:
    """Direct tables of the outermost FROM that are never optional and have the key of a person.

    Those declared as cohorts go first: of them the one that knows households, then one with one row a person, then the
    first that is written. Another declared one is a second cohort unless an inner join ties it to the same person; if
    there are two, the policy refuses.
    """
    direct = [
        j.source
        for j in select.sources
        if isinstance(j.source, r.TableScan)
        and j.join != "left"
        and catalogue.person_key(catalogue.dataset(j.source.dataset)) is not None
    ]
    declared = [scan for scan in direct if catalogue.dataset(scan.dataset).cohort]
    if not declared:
        return tuple(direct[:1])

    def rank(scan: r.TableScan) -> tuple[bool, bool]:
        dataset = catalogue.dataset(scan.dataset)
        in_households = any(dataset.key_of_kind(kind) for kind in catalogue.household_kinds)
        return not in_households, dataset.unique_by != (catalogue.person_key(dataset),)

    first = min(declared, key=rank)
    same = {node for node in (graph.person(first),) if node is not None}
    whole = is_core(select, graph)
    graph.spread(same, lambda found: graph.same_row_of_subject(found, (first,)) if whole else set())

    def is_second(scan: r.TableScan) -> bool:
        # In an answer about groups, members of the household stand behind no row of their own either.
        keys = graph.keys(scan) if whole else {graph.person(scan)}
        return scan is not first and not keys & same

    return (first, *(scan for scan in declared if is_second(scan)))


def is_core(select: r.Select, kinds: _KeyGraph | Lineage) -> bool:
    """Whether a scope's rows are groups of persons: it aggregates, and by no key of a person or a household."""
    return select.grouped and not any(isinstance(key, r.ColumnRef) and kinds.key_kind(key) for key in select.group)


def carried_cohort(select: r.Select, catalogue: Catalogue) -> tuple[r.TableScan, tuple[str, ...]] | None:
    """The cohort of an aggregate answer that is counted from a subquery, and the subqueries in which it stands.

    Each row of such a subquery is about one person, or one household: its rows are not merged, or by the cohort's own
    key.
    """
    if not is_core(select, Lineage(select, catalogue)) or any(
        isinstance(j.source, r.TableScan) and catalogue.dataset(j.source.dataset).cohort and j.join != "left"
        for j in select.sources
    ):
        return None
    found = [
        (scan, (joined.source.id, *path))
        for joined in select.sources
        if isinstance(joined.source, r.Derived) and joined.join != "left"
        for scan, path in _carried(joined.source.query, catalogue)
    ]

    def knows_households(candidate: tuple[r.TableScan, tuple[str, ...]]) -> bool:
        dataset = catalogue.dataset(candidate[0].dataset)
        return any(dataset.key_of_kind(kind) for kind in catalogue.household_kinds)

    return min(found, key=lambda candidate: not knows_households(candidate), default=None)


def _carried(select: r.Select, catalogue: Catalogue) -> Iterator[tuple[r.TableScan, tuple[str, ...]]]:
    """Declared cohorts below a subquery whose rows stand for their persons or their households."""
    lineage = Lineage(select, catalogue)
    for joined in select.sources:
        if joined.join == "left":
            continue
        inner: list[tuple[r.TableScan, tuple[str, ...]]] = []
        if isinstance(joined.source, r.Derived):
            for scan, path in _carried(joined.source.query, catalogue):
                inner.append((scan, (joined.source.id, *path)))
        elif catalogue.dataset(joined.source.dataset).cohort:
            inner.append((joined.source, ()))
        for scan, path in inner:
            dataset = catalogue.dataset(scan.dataset)
            person = catalogue.person_key(dataset)
            households = {c.name for c in dataset.columns.values() if c.key in catalogue.household_kinds}
            keys = [lineage.plain(key) if isinstance(key, r.ColumnRef) else None for key in select.group]
            by_person = any(key is not None and key.source == scan.id and key.name == person for key in keys)
            by_household = len(keys) == 1 and keys[0] is not None and keys[0].source == scan.id
            if not select.grouped or by_person or (by_household and keys[0] is not None and keys[0].name in households):
                yield scan, path


def _places(select: r.Select, *, below_exists: bool) -> Iterator[tuple[str, _Place]]:
    for joined in select.sources:
        if isinstance(joined.source, r.TableScan):
            yield joined.source.id, _Place(scope=select, below_exists=below_exists)
        else:
            yield from _places(joined.source.query, below_exists=False)
    for expression in r.scope_expressions(select):
        for subquery in r.subqueries_in(expression):
            yield from _places(subquery, below_exists=True)


class _KeyGraph:
    """Directed equalities between key columns, for one query."""

    def __init__(self, catalogue: Catalogue, *, carried: frozenset[str]) -> None:
        self._catalogue = catalogue
        self._carried = carried  # subqueries whose rows are those of the cohort
        self._datasets: dict[str, Dataset] = {}
        self._derived: dict[str, r.Select] = {}
        self._edges: defaultdict[Node, set[Node]] = defaultdict(set)

    def read(self, select: r.Select) -> None:
        """Take up the equalities of a scope and of everything below it."""
        for joined in select.sources:
            if isinstance(joined.source, r.TableScan):
                self._datasets[joined.source.id] = self._catalogue.dataset(joined.source.dataset)
            else:
                self._derived[joined.source.id] = joined.source.query
                self.read(joined.source.query)
                for projection in joined.source.query.projections:
                    if isinstance(projection.expression, r.ColumnRef):
                        outer = Node(source=joined.source.id, name=projection.name)
                        self._bind(outer, projection.expression)
                        if joined.source.id in self._carried:
                            self._bind(projection.expression, outer)
        local = frozenset(j.source.id for j in select.sources)
        for joined in select.sources:
            for conjunct in joined.on:
                self._equality(conjunct, local, optional=joined.source.id if joined.join == "left" else None)
        for conjunct in select.where:
            self._equality(conjunct, local, optional=None)
        for expression in r.scope_expressions(select):
            for part in r.walk(expression):
                if isinstance(part, r.Exists | r.InQuery):
                    self.read(part.query)
                if isinstance(part, r.InQuery) and isinstance(part.part, r.ColumnRef):
                    inner = part.query.projections[0].expression
                    if isinstance(inner, r.ColumnRef):
                        self._same_kind(part.part, inner)
                        self._bind(part.part, inner)
                elif isinstance(part, r.Comparison):
                    self._check_kinds(part)

    def _equality(self, conjunct: r.Expression, local: frozenset[str], *, optional: str | None) -> None:
        if not isinstance(conjunct, r.Comparison) or conjunct.operator != "=":
            return
        left, right = conjunct.left, conjunct.right
        if not (isinstance(left, r.ColumnRef) and isinstance(right, r.ColumnRef)) or self.kind(left) is None:
            return
        for a, b in ((left, right), (right, left)):
            unbinding = a.source in self._derived and a.source not in self._carried
            if unbinding or a.source == b.source or b.source not in local:
                continue  # a subquery never binds; an inner scope never binds the outer one
            if optional is None or b.source == optional:
                self._bind(a, b)

    def person(self, scan: r.TableScan) -> Node | None:
        """The key column that says whose the rows of a scan are, if any does."""
        key = self._catalogue.person_key(self._catalogue.dataset(scan.dataset))
        return Node(source=scan.id, name=key) if key is not None else None

    def _bind(self, a: Node, b: Node) -> None:
        self._edges[a].add(b)

    def keys(self, scan: r.TableScan) -> set[Node | None]:
        """Every key column of a scan."""
        columns = self._catalogue.dataset(scan.dataset).columns.values()
        return {Node(source=scan.id, name=column.name) for column in columns if column.key is not None}

    def key_kind(self, ref: r.ColumnRef) -> str | None:
        """As `kind`."""
        return self.kind(ref)

    def kind(self, node: Node) -> str | None:
        """Kind of key that a column holds, through any number of subqueries; ``None`` for other columns."""
        if node.source in self._datasets:
            return self._datasets[node.source].column(node.name).key
        inner = self._derived[node.source].projection(node.name).expression
        return self.kind(inner) if isinstance(inner, r.ColumnRef) else None

    def _same_kind(self, left: Node, right: Node) -> None:
        if self.kind(left) != self.kind(right):
            raise BadInput("sql-key-kinds-differ")

    def _check_kinds(self, comparison: r.Comparison) -> None:
        left, right = comparison.left, comparison.right
        if isinstance(left, r.ColumnRef) and isinstance(right, r.ColumnRef):
            self._same_kind(left, right)

    def spread(
        self, found: set[Node], within_rows: Callable[[set[Node]], set[Node]], *, without: set[Node] | None = None
    ) -> None:
        """Close a set of nodes under equalities and under what holds within one row."""
        excluded = without or set()
        while True:
            grown = {b for a in found for b in self._edges[a]} | within_rows(found)
            grown -= found | excluded
            if not grown:
                return
            found |= grown

    def same_row_of_subject(self, found: set[Node], scans: tuple[r.TableScan, ...]) -> set[Node]:
        """In a row that is the subject's own: the household keys, and through a bridge the keys of other kinds."""
        grown: set[Node] = set()
        for scan, dataset, key in self._rows_of_persons(scans):
            if Node(source=scan.id, name=key) in found:
                grown |= self._other_keys(scan, dataset, with_household=True)
        return grown

    def bridged(self, found: set[Node], scans: tuple[r.TableScan, ...]) -> set[Node]:
        """In a row of somebody of the household: through a bridge, the keys of other kinds; never the household's."""
        grown: set[Node] = set()
        for scan, dataset, key in self._rows_of_persons(scans):
            if Node(source=scan.id, name=key) in found:
                grown |= self._other_keys(scan, dataset, with_household=False)
        return grown

    def household_members(self, subject: set[Node], scans: tuple[r.TableScan, ...]) -> set[Node]:
        """Persons reached at the subject's household key in rows that are not known to be the subject's."""
        members: set[Node] = set()
        for scan, dataset, key in self._rows_of_persons(scans):
            person = Node(source=scan.id, name=key)
            households = (c.name for c in dataset.columns.values() if c.key in self._catalogue.household_kinds)
            if person not in subject and any(Node(source=scan.id, name=h) in subject for h in households):
                members.add(person)
        return members

    def grouped_by_household(self, scope: r.Select, subject: set[Node]) -> bool:
        """Whether a scope has one row per household of the subject: grouped by exactly that key."""
        if not scope.grouped or len(scope.group) != 1:
            return False
        key = scope.group[0]
        return isinstance(key, r.ColumnRef) and key in subject and self.kind(key) in self._catalogue.household_kinds

    def _rows_of_persons(self, scans: tuple[r.TableScan, ...]) -> Iterator[tuple[r.TableScan, Dataset, str]]:
        """Scans with exactly one column of a person's kind; with two (a payee and a receiver), whose row is it?"""
        for scan in scans:
            dataset = self._datasets[scan.id]
            key = self._catalogue.person_key(dataset)
            if key is not None and [c.key for c in dataset.columns.values()].count(dataset.column(key).key) == 1:
                yield scan, dataset, key

    def _other_keys(self, scan: r.TableScan, dataset: Dataset, *, with_household: bool) -> set[Node]:
        kinds = set(self._catalogue.household_kinds)
        return {
            Node(source=scan.id, name=c.name)
            for c in dataset.columns.values()
            if c.key is not None
            and c.key != self._catalogue.subject_kind
            and c.name != self._catalogue.person_key(dataset)
            and ((c.key in kinds and with_household) or (c.key not in kinds and dataset.bridge))
        }
