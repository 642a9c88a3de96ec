"""A neutral small town: its catalogue in code, the form in which each column is granted, and data made from a seed.

Three departments. ``town.person`` is the cohort; ``care.watch`` is a second declared cohort. ``clinic.register`` bridges
from residents to patient numbers. ``care.payment`` names two persons in one row, who may be strangers. Keys of households
and dwellings may be missing, and some attributes may be unknown: whoever reasons about a query has to bear that.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from governance.approvals import TemplateParameter
from governance.catalogue import Catalogue, Column, Dataset, KeyKind, Label
from governance.conditions import FieldCondition
from governance.forms import Form

AS_OF = date(2023, 10, 1)

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]
"""The rows of every dataset, as their holders have them."""


def _label(name: str) -> Label:
    return Label(ja=name, en=name)


def _key(name: str, kind: str, nulls: Any = "never") -> Column:
    return Column(name=name, label=_label(name), type="text", column_class="key", key=kind, nulls=nulls)


def _item(name: str, column_type: Any = "text", nulls: Any = "never", **more: Any) -> Column:
    return Column(name=name, label=_label(name), type=column_type, column_class="attribute", nulls=nulls, **more)


def _dataset(name: str, *columns: Column, absent_row: Any = "none", **more: Any) -> Dataset:
    return Dataset(
        name=name,
        department=name.partition(".")[0],
        label=_label(name),
        columns={column.name: column for column in columns},
        absent_row=absent_row,
        refresh="monthly",
        gates={},
        **more,
    )


LEVELS = ("none", "light", "heavy")
"""The codes of ``care.cert.level``, from lowest to highest."""

KINDS = ("guardian", "adult", "elder", "minor")

CATALOGUE = Catalogue(
    departments={},
    kinds={
        name: KeyKind(name=name, label=_label(name), pattern=".+", pad=None, method="hmac")
        for name in ("resident", "household", "dwelling", "patient")
    },
    subject_kind="resident",
    household_kinds=("household", "dwelling"),
    datasets={
        dataset.name: dataset
        for dataset in (
            _dataset(
                "town.person",
                _key("resident_id", "resident"),
                _key("household_id", "household", nulls="none"),
                _key("dwelling_id", "dwelling", nulls="none"),
                _item("birth", "date"),
                _item("age", "integer"),
                _item("income", "integer", nulls="unknown"),
                _item("sex"),
                _item("moved", "boolean", nulls="none"),
                _item("remark"),
                cohort=True,
                unique_by=("resident_id",),
            ),
            _dataset(
                "town.member",
                _key("resident_id", "resident"),
                _key("household_id", "household", nulls="none"),
                _key("dwelling_id", "dwelling", nulls="none"),
                _item("kind", codes=KINDS),
                unique_by=("resident_id",),
            ),
            _dataset(
                "town.dwelling",
                _key("dwelling_id", "dwelling"),
                _item("rooms", "integer"),
                _item("owned", "boolean", nulls="none"),
                unique_by=("dwelling_id",),
            ),
            _dataset(
                "care.cert",
                _key("resident_id", "resident"),
                _item("level", nulls="none", codes=LEVELS),
                _item("any_service", "boolean", nulls="none"),
                _item("in_facility", "boolean", nulls="none"),
                _item("hours", "integer", nulls="unknown"),
                _item("since", "date", nulls="none"),
                unique_by=("resident_id",),
            ),
            _dataset(
                "care.payment",
                _key("payer_id", "resident"),
                _key("payee_id", "resident", nulls="none"),
                _key("household_id", "household", nulls="none"),
                _item("amount", "integer"),
            ),
            _dataset(
                "care.watch",
                _key("resident_id", "resident"),
                _item("unit"),
                cohort=True,
                unique_by=("resident_id",),
            ),
            _dataset(
                "clinic.register",
                _key("resident_id", "resident"),
                _key("patient", "patient", nulls="none"),
                _item("year", "integer"),
                bridge=True,
            ),
            _dataset(
                "clinic.visit",
                _key("patient", "patient"),
                _item("month", "integer"),
                _item("absent", "integer"),
                _item("late", "integer", nulls="unknown"),
                _item("early", "integer", nulls="unknown"),
                absent_row="unknown",
            ),
        )
    },
)

BANDS = (0, 200, 500)

_SPECIAL_FORMS = {
    "town.person.birth": Form(kind="year_month"),
    "town.person.income": Form(kind="band", edges=BANDS),
    "town.person.moved": Form(
        kind="flag", condition=FieldCondition(operator="eq", field="value", value=True), leaves=False, null_as=False
    ),
    "care.cert.level": Form(kind="ordinal", order=LEVELS),
    "care.cert.in_facility": Form(
        kind="flag", condition=FieldCondition(operator="eq", field="value", value=True), leaves=False, null_as=False
    ),
    "care.cert.hours": Form(kind="count", ceiling=40),
    "care.cert.since": Form(kind="year"),
}


def _forms() -> Mapping[str, Mapping[str, Form]]:
    """Keys as pseudonyms, some columns generalised, the rest raw; ``town.person.remark`` is granted in no form."""
    return {
        dataset.name: {
            column.name: _SPECIAL_FORMS.get(
                f"{dataset.name}.{column.name}", Form(kind="pseudonym" if column.key else "raw")
            )
            for column in dataset.columns.values()
            if column.name != "remark"
        }
        for dataset in CATALOGUE.datasets.values()
    }


FORMS = _forms()

PARAMETERS = {
    name: TemplateParameter(name=name, type=parameter_type, personal=False, label_ja=name, label_en=name)
    for name, parameter_type in (
        ("years", "integer"),
        ("word", "text"),
        ("day", "date"),
        ("served", "boolean"),
    )
}
"""What a template of this town may declare."""


def residents(count: int) -> list[str]:
    """Resident numbers."""
    return [f"{number:010d}" for number in range(1, count + 1)]


def tables(seed: int, *, people: int = 24) -> Tables:
    """A whole town: households of one to five, some people without one, some data missing or unknown."""
    chance = random.Random(seed)
    homes: dict[str, tuple[str | None, str | None]] = {}
    rest = residents(people)
    number = 0
    while rest:
        number += 1
        size = chance.randint(1, 5)
        home = (f"H{number:04d}", f"D{(number + 1) // 2 if chance.random() < 0.3 else number + 100:04d}")
        for resident in rest[:size]:
            homes[resident] = (
                None if chance.random() < 0.05 else home[0],
                None if chance.random() < 0.05 else home[1],
            )
        rest = rest[size:]
    town: dict[str, list[Row]] = {name: [] for name in CATALOGUE.datasets}
    for resident, home in homes.items():
        # Registers do not always agree on who lives where.
        elsewhere = chance.choice(list(homes.values())) if chance.random() < 0.1 else home
        _add_person(town, resident, _home(*home), _home(*elsewhere), chance)
    for dwelling in sorted({d for _, d in homes.values() if d is not None}):
        rooms, owned = chance.randint(1, 5), chance.choice((True, False, None))
        town["town.dwelling"].append({"dwelling_id": dwelling, "rooms": rooms, "owned": owned})
    return town


def _home(household: str | None, dwelling: str | None) -> Row:
    return {"household_id": household, "dwelling_id": dwelling}


def _add_person(town: dict[str, list[Row]], resident: str, home: Row, elsewhere: Row, chance: random.Random) -> None:
    """Put one person into the registers, each with some chance."""
    if chance.random() < 0.6:
        town["town.person"].append(
            {
                "resident_id": resident,
                **home,
                "birth": date(2005, 4, 2) + timedelta(days=chance.randint(0, 4000)),
                "age": chance.randint(6, 17),
                "income": _maybe(chance, chance.randint(-50, 900)),
                "sex": chance.choice(("f", "m")),
                "moved": chance.choice((True, False, False, None)),
                "remark": "-",
            }
        )
    if chance.random() < 0.9:
        town["town.member"].append({"resident_id": resident, **elsewhere, "kind": chance.choice(KINDS)})
    if chance.random() < 0.5:
        town["care.cert"].append(
            {
                "resident_id": resident,
                "level": _maybe(chance, chance.choice(LEVELS)),
                "any_service": _maybe(chance, chance.random() < 0.5),
                "in_facility": _maybe(chance, chance.random() < 0.3),
                "hours": _maybe(chance, chance.randint(0, 60)),
                "since": _maybe(chance, date(2019, 1, 1) + timedelta(days=chance.randint(0, 1700))),
            }
        )
    if chance.random() < 0.3:
        town["care.watch"].append({"resident_id": resident, "unit": chance.choice(("east", "west"))})
    for _ in range(chance.choice((0, 0, 1, 2))):
        town["care.payment"].append(
            {
                "payer_id": resident,
                "payee_id": chance.choice((None, resident, resident, chance.choice(residents(24)))),
                "household_id": home["household_id"],
                "amount": chance.randint(0, 9),
            }
        )
    for year in range(chance.choice((0, 1, 1, 2))):
        patient = None if chance.random() < 0.1 else f"{2022 + year}|{resident}"
        town["clinic.register"].append({"resident_id": resident, "patient": patient, "year": 2022 + year})
        for month in range(1, chance.choice((1, 2, 4)) if patient else 1):
            town["clinic.visit"].append(
                {
                    "patient": patient,
                    "month": month,
                    "absent": chance.randint(0, 9),
                    "late": _maybe(chance, chance.randint(0, 5)),
                    "early": _maybe(chance, chance.randint(0, 5)),
                }
            )


def _maybe(chance: random.Random, value: Any) -> Any:
    return None if chance.random() < 0.25 else value


def people_of(rows: Iterable[Row]) -> set[str]:
    """Everybody who is named in the rows."""
    return {row[name] for row in rows for name in ("resident_id", "payer_id", "payee_id") if row.get(name)}
