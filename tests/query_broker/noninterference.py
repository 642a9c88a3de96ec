"""Whether a person's rows depend on anything but what they may depend on, by running a query in neighbouring towns."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from governance.facts import QueryFacts
from query_broker.generate import generate_sql
from query_broker.parse import ParsedQuery
from tests.query_broker.other_people import Neighbours
from tests.query_broker.world import CATALOGUE


def is_answerable(facts: QueryFacts) -> bool:
    """Whether everything is reached and one declared cohort stands: what the policy wants of the roles of an answer."""
    cohorts = [scan for scan in facts.scans if scan.role == "cohort"]
    reached = all(scan.role != "unreached" for scan in facts.scans)
    return reached and len(cohorts) == 1 and CATALOGUE.dataset(cohorts[0].dataset).cohort


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of the rows of one subject.

    Attributes:
        rows: how many there are.
        depends_on: whose data they depend on though they may not, or ``None``.
    """

    rows: int
    depends_on: str | None


def judge(parsed: ParsedQuery, facts: QueryFacts, near: Neighbours) -> Verdict:
    """Compare the subject's rows in the towns that agree on everything that they may depend on.

    The first column of the answer is the subject's key.
    """
    sql = _over_whole_tables(parsed, facts)
    rows = _rows_of(near.subject, sql, near.town)
    of_household = any(scan.role == "household" for scan in facts.scans)
    others = _rows_of(near.subject, sql, near.same_household if of_household else near.same_person)
    whom = "people of other households" if of_household else "other people"
    return Verdict(rows=len(rows), depends_on=None if rows == others else whom)


def _over_whole_tables(parsed: ParsedQuery, facts: QueryFacts) -> str:
    """The SQL that the broker makes, with each scan read from its whole table instead."""
    datasets = {scan.id: scan.dataset for scan in facts.scans}
    sql = generate_sql(parsed.select)
    return re.sub(r'"(s\d+)" AS "\1"', lambda found: f'{datasets[found[1]]} AS "{found[1]}"', sql)


def _rows_of(subject: str, sql: str, town: duckdb.DuckDBPyConnection) -> list[str]:
    # An error would be an answer, too, if it depended on other people: it is not caught.
    answer = town.execute(f"SELECT * FROM ({sql}) AS a WHERE a.subject = $subject", {"subject": subject})
    return sorted(map(repr, answer.fetchall()))
