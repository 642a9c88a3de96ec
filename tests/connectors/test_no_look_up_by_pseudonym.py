"""A scan is no way back: it compares no pseudonym with anything, and takes no proof but a query's (第15条).

The one way back is an order of its own kind: ``test_look_ups.py``.
"""

from __future__ import annotations

import uuid
from typing import Any

import pyarrow as pa
import pytest

from governance.conditions import CompoundCondition, Condition, FieldCondition, all_of
from governance.errors import BadInput, CheckFailed
from governance.forms import Form
from masking.keys import KeyRing
from tests.connectors.clinic import KEY_KINDS, PERSONS, PSEUDONYM, RAW, SPACE, Clinic, order

NOBODY = str(uuid.UUID(int=7))


def pseudonym(clinic: Clinic, identifier: str) -> str:
    """The pseudonym that the clinic's scans give to a person."""
    values = pa.array([identifier], type=pa.string())
    return str(KeyRing(clinic.master).pseudonyms(values, kind=KEY_KINDS["person"], space=SPACE)[0].as_py())


def look_up(operator: Any, value: Any) -> Condition:
    """A comparison of the person's pseudonym."""
    return FieldCondition(operator=operator, field="person_id", value=value)


def comparisons(value: str) -> dict[str, Condition]:
    """Every way to single a pseudonym out."""
    lowest = FieldCondition(operator="ge", field="birth_date", value="1900-01-01")
    return {
        **{operator: look_up(operator, value) for operator in ("eq", "lt", "ge", "gt", "le")},
        "in": look_up("in", (value,)),
        "in two": look_up("in", (value, NOBODY)),
        "not": CompoundCondition(operator="not", value=(look_up("eq", value),)),
        "and": all_of(lowest, look_up("eq", value)),
        "or": CompoundCondition(operator="or", value=(lowest, look_up("eq", value))),
    }


@pytest.mark.parametrize("how", sorted(comparisons(NOBODY)))
@pytest.mark.parametrize("leaving", ["name", "birth_date", "person_id"])
def test_no_scan_looks_a_pseudonym_up(clinic: Clinic, how: str, leaving: str) -> None:
    """Even with the proof of an allow, whatever would leave; a person, a guarded one and nobody are refused alike."""
    forms = {"name": RAW, "birth_date": Form(kind="year"), "person_id": PSEUDONYM}
    asked_for = {leaving: forms.pop(leaving)}
    refusals = []
    for value in (*(pseudonym(clinic, str(person["person_id"])) for person in PERSONS[:2]), NOBODY):
        filter_forms = {name: form for name, form in forms.items() if name != "name"}
        asked = order(
            clinic, "clinic.person", asked_for, filter_forms=filter_forms, exclude=("guarded",),
            predicates=comparisons(value)[how],
        )  # fmt: skip
        with pytest.raises(BadInput) as caught:
            clinic.scan(asked)
        assert value not in caught.value.text("ja") + caught.value.text("en") + str(caught.value.params)
        assert (caught.value.code, caught.value.params["column"]) == ("mask-condition-type", "person_id")
        refusals.append(caught.value.params)
    assert refusals[0] == refusals[1] == refusals[2]


@pytest.mark.parametrize(
    "action",
    ["approval.sign", "reidentify.run", "reidentify.show", "subject.suspend", "ledger.read", "guideline.approve"],
)
def test_the_proof_of_another_action_opens_nothing(clinic: Clinic, action: str) -> None:
    """An allow that is in the ledger, for an action that runs no query, is no proof for a scan."""
    asked = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    with pytest.raises(CheckFailed) as caught:
        clinic.department.scan(asked, clinic.evidence(asked, action=action))
    assert caught.value.code == "scan-evidence-no-allow"
