"""The same judgement as a script makes it that knows nothing of the product: DuckDB for conditions, loops for points."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import yaml


def judged(file: Path, frame: pd.DataFrame) -> Mapping[str, tuple[Fraction, str, str, tuple[str, ...], int]]:
    """Pseudonym → score, band, queue, factors met, number of factors unknown."""
    rules = yaml.safe_load(file.read_text(encoding="utf-8"))
    factors = {name: entry for name, entry in rules["factors"].items() if "struck" not in entry}
    people = frame.reset_index(names="who")
    with duckdb.connect() as engine:
        engine.register("people", people)
        columns = [f"({entry['hit']}), ({entry.get('known', 'TRUE')})" for entry in factors.values()]
        ages = [entry["fades"]["by"] for entry in factors.values() if "fades" in entry]
        query = f"SELECT who, ({rules['supported']}), {', '.join([*columns, *ages])} FROM people"
        rows = engine.sql(query).fetchall()
    return {str(row[0]): _judged(rules, factors, row) for row in rows}


def _judged(
    rules: Mapping[str, Any], factors: Mapping[str, Any], row: tuple[Any, ...]
) -> tuple[Fraction, str, str, tuple[str, ...], int]:
    answers = list(row[2 : 2 + 2 * len(factors)])
    ages = list(row[2 + 2 * len(factors) :])
    points = {group: Fraction(0) for group in rules["groups"]}
    met: list[str] = []
    unknown = 0
    for position, (name, entry) in enumerate(factors.items()):
        hit, known = answers[2 * position] is True, answers[2 * position + 1] is True
        left = Fraction(1)
        if "fades" in entry:
            age, fades = ages.pop(0), entry["fades"]
            if age is None or pd.isna(age):
                hit = known = False
            elif age > fades["full_to"]:
                left = max(Fraction(0), Fraction(fades["gone_from"] - int(age), fades["gone_from"] - fades["full_to"]))
        if hit:
            met.append(name)
            points[entry["group"]] += entry["weight"] * left
        elif not known:
            unknown += 1
    for group, entry in rules["groups"].items():
        points[group] = min(points[group], Fraction(entry["cap"]))
    score = max(Fraction(0), sum(points.values()))
    listed = all(sum(points[group] for group in needed["groups"]) >= needed["points"] for needed in rules["listed"])
    bands = rules["bands"]
    band = "none"
    if score >= bands["b"] or listed:
        band = "C"
    if listed and score >= bands["b"]:
        band = "A" if score >= bands["a"] else "B"
    if set(rules.get("alerts", ())) & set(met):
        queue = "alert"
    elif row[1] is True:
        queue = "supported"
    elif band in ("A", "B"):
        queue = "candidate"
    elif 2 * (len(factors) - unknown) < len(factors):
        queue = "little_data"
    else:
        queue = "watch" if band == "C" else "none"
    return score, band, queue, tuple(met), unknown
