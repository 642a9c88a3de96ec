"""docs/benchmarks.md from the figures that were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Figures = Mapping[str, Any]
Part = Sequence[Figures]

_HEAD = """\
# Benchmarks

Written by `make bench` (`python -m tests.benchmarks`); not part of the tests. Nothing here is asserted about time: figures
say what was seen on the machine that each part names. Ratios within one part are to be trusted more than absolute figures:
both sides took turns, and are compared by their fastest run, which other work on the machine disturbed least.
"""


def page(figures: Mapping[str, Part]) -> str:
    """The whole page; a part that was never measured is left out."""
    parts = [_HEAD]
    for name, write in (
        ("governed", _governed),
        ("judgement", _judgement),
        ("workload", _workload),
        ("sources", _sources),
        ("generation", _generation),
    ):
        if name in figures:
            parts.append(f"{write(figures[name])}\n{_machines(figures[name])}")
    return "\n".join(parts)


def _machines(part: Part) -> str:
    """How the figures of a part came about, each way once."""
    return "\n".join(dict.fromkeys(_machine(figure) for figure in part))


def _machine(figure: Figures) -> str:
    machine = figure["machine"]
    runs = f"{figure['runs']} runs" if figure["runs"] > 1 else "one run"
    shared = max(machine["load_before"], machine["load_after"]) > machine["cores"]
    remark = (
        " **The machine was shared with other work**: all times are too high, by up to several times." if shared else ""
    )
    sizes = f"{figure.get('residents') or figure['rows']:,}"
    return (
        f"{sizes}: measured on {machine['day']} in {runs}; {machine['system']}, {machine['cores']} cores, Python "
        f"{machine['python']}, DuckDB {machine['duckdb']}, pyarrow {machine['pyarrow']}; load {machine['load_before']} "
        f"before and {machine['load_after']} after.{remark}\n"
    )


def _judgement(part: Part) -> str:
    rows = "\n".join(
        f"| {m['residents']:,} | {m['persons']:,} | {m['listed']:,} | {_times(m['plain'])} | {_times(m['governed'])} "
        f"| {m['governed']['fastest'] / m['plain']['fastest']:.2f} |"
        for m in part
    )
    return f"""\
## Everybody judged by all four types, beside a plain script

From a token to the work list: four queries, 51 factors a person, the choice within a capacity, the cycle in the ledger. Beside it a
script of DuckDB and pandas without any of that, on the same rows in the same forms as Parquet. Both said the same of everybody: score,
band, queue, reasons. Milliseconds, fastest and (median).

| residents | judged | listed | plain script | governed | ratio |
|--:|--:|--:|--:|--:|--:|
{rows}
"""


def _times(times: Figures) -> str:
    return f"{times['fastest']:.0f} ({times['median']:.0f})"


def _governed(part: Part) -> str:
    rows = "\n".join(
        f"| {m['template']} | {m['residents']:,} | {m['rows']:,} | {m['cells']:,} | {m['scans']} | {_times(m['plain'])} "
        f"| {_times(m['governed'])} | {m['governed']['fastest'] - m['plain']['fastest']:+.0f} "
        f"| {m['governed']['fastest'] / m['plain']['fastest']:.1f} "
        f"| {m['reopened']:.0f} | {m['first']:.0f} |"
        for m in part
    )
    return f"""## Approved queries over the whole city, beside plain DuckDB

Each query template of the reference city, governed from token to release (decision, certificate, durable ledger entries,
masking, disposable process, output stage), beside plain DuckDB with a new connection on the same rows in the same forms as
Parquet: what the departments have derived, filtered and masked is there already. Both gave the same content (rows; known
values and sum of each column). Milliseconds, fastest and (median), with a pause between the queries of a broker.

| template | residents | rows | cells that left | scans | plain DuckDB | governed | difference | ratio | new process | no snapshots |
|:--|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
{rows}

*New process*: its first query, with snapshots that another process made. *No snapshots*: the same, where sources are parsed and
derived datasets computed first; a template profits from what those above it have read.
"""


def _workload(part: Part) -> str:
    rows = "\n".join(
        f"| {m['template']} | {m['answer']:,} | {m['cells']:,} | {m['scans']} | {_times(m['plain'])} "
        f"| {_times(m['governed'])} | {m['governed']['fastest'] / m['plain']['fastest']:.1f} |"
        for m in part
    )
    plain, governed = (sum(m[side]["fastest"] for m in part) for side in ("plain", "governed"))
    return f"""## A general workload, beside plain DuckDB

TPC-H's twenty-two queries at a hundredth of the unit (`tests/tpch`), tables of nobody's with five holders: from token to release,
beside plain DuckDB with a new connection on the same tables as Parquet. Both gave the same number of rows; that they are the same
rows is tested. Conditions are not pushed to the holders yet: whole columns leave. Milliseconds, fastest and (median).

| query | rows | cells that left | scans | plain DuckDB | governed | ratio |
|:--|--:|--:|--:|--:|--:|--:|
{rows}
| together | | | | {plain:.0f} | {governed:.0f} | {governed / plain:.1f} |
"""


def _sources(part: Part) -> str:
    rows = "\n".join(
        f"| {m['kind']} | {m['rows']:,} | {m['reader']} | {_times(m['alone'])} | {_times(m['source'])} "
        f"| {m['alone']['fastest'] / m['source']['fastest']:.2f} | {_times(m['first'])} | {_times(m['later'])} |"
        for m in part
    )
    return f"""## Sources to Arrow

Seven columns of a register. *Reader alone* gives whatever types it infers. *Source* gives every column as text, valid and with
the place of each row. *First* adds the state of the source before and after, types, checks and the saved snapshot; *later*
reads all columns from that. What came out was equal to what was written. Milliseconds, fastest and (median).

| source | rows | reader | reader alone | source | speed of source to reader | first | later |
|:--|--:|:--|--:|--:|--:|--:|--:|
{rows}
"""


def _generation(part: Part) -> str:
    rows = "\n".join(
        f"| {m['residents']:,} | {m['seconds']:.0f} | {m['processor']:.0f} | {m['peak_mb']:,} | {m['written_mb']:,} |"
        for m in part
    )
    return f"""## Generating the city

All departments' sources in their formats, one process a city.

| residents | seconds | processor seconds | peak memory, MiB | written, MiB |
|--:|--:|--:|--:|--:|
{rows}
"""
