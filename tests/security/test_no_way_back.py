"""Nobody gets from a pseudonym to a person, or from a person to a pseudonym, whoever they are and whatever they send (第15条)."""

from __future__ import annotations

import csv
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from governance.errors import BadInput, Denied
from query_broker.release import Release
from reference.akishima.demo import CITY
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.architecture.sources import ROOT
from tests.city import APPROVAL, PURPOSE

_ACCOUNTS = yaml.safe_load((ROOT / "reference" / "akishima" / "principals.yaml").read_text(encoding="utf-8"))
EVERYBODY = sorted((name, hat) for name, account in _ACCOUNTS.items() for hat in account["roles"])
PURPOSES = ("young_carer", "abuse", "stat")

QUESTIONS: Mapping[str, str] = {
    "the name behind a pseudonym": """
        SELECT c.resident_id, r.name_kanji FROM shimin.child c JOIN shimin.resident r ON r.resident_id = c.resident_id
        WHERE c.resident_id = '{pseudonym}'""",
    "the number behind a pseudonym": """
        SELECT c.resident_id FROM shimin.child c WHERE c.resident_id = '{pseudonym}'""",
    "the pseudonym of a number": """
        SELECT c.resident_id, c.grade FROM shimin.child c WHERE c.resident_id = '{number}'""",
    "two pseudonyms at once": """
        SELECT c.resident_id, c.grade FROM shimin.child c WHERE c.resident_id IN ('{pseudonym}', '{other}')""",
    "whether a pseudonym is there": """
        SELECT c.grade, count(*) AS n FROM shimin.child c WHERE c.resident_id = '{pseudonym}' GROUP BY c.grade""",
    "whether a number is there": """
        SELECT c.grade, count(*) AS n FROM shimin.child c WHERE c.resident_id = '{number}' GROUP BY c.grade""",
    "the day of birth of one": """
        SELECT c.resident_id, r.birth_date FROM shimin.child c JOIN shimin.resident r USING (resident_id)
        WHERE c.resident_id = '{pseudonym}'""",
    "the dwelling of one": """
        SELECT c.resident_id, r.address FROM shimin.child c JOIN shimin.resident r USING (resident_id)
        WHERE c.resident_id = '{pseudonym}'""",
    "a list of names brought along": """
        SELECT c.resident_id, v.name FROM shimin.child c
        JOIN (VALUES ('{number}', '架空 花子')) AS v(id, name) ON c.resident_id = v.id""",
    "a file of names": """
        SELECT c.resident_id, f.name FROM shimin.child c JOIN read_csv('names.csv') f ON c.resident_id = f.id""",
    "a guess from a digest": """
        SELECT c.resident_id, c.grade FROM shimin.child c WHERE md5('{number}') = c.resident_id""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The city, open, with what somebody who tries may know."""

    deployment: Deployment
    broker: Broker
    known: Mapping[str, str]

    def ask(self, account: tuple[str, str], **request: str | None) -> Release:
        """Asked by an account under one of its roles, with a token that was issued just now."""
        name, hat = account
        token = self.deployment.issuer.issue(self.deployment.principals[name], now=self.deployment.clock())
        return self.broker.ask(AskRequest(token=token, hat=hat, **request))

    def released(self) -> int:
        """How many answers have been released."""
        return len(self.broker.ledger.of_kind("release"))


@pytest.fixture(scope="module")
def city(approved_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """The city with the answer of its approved query in hand: real pseudonyms, and numbers of real children."""
    folder = Path(shutil.copytree(approved_city, tmp_path_factory.mktemp("way-back") / "demo-city"))
    deployment = Deployment.load(folder)
    with (folder / "latent_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        number = next(csv.DictReader(file))["resident_id"]
    with deployment.broker() as broker:
        opened = Open(deployment=deployment, broker=broker, known={"number": number})
        answer = opened.ask(("center", "controller"), purpose=PURPOSE, approval=APPROVAL)
        pseudonym, other, *_ = map(str, answer.table.column("resident_id").to_pylist())
        yield Open(
            deployment=deployment,
            broker=broker,
            known={"number": number, "pseudonym": pseudonym, "other": other},
        )


def test_the_accounts_are_all_there_are(city: Open) -> None:
    """The table below leaves nobody out."""
    assert {name for name, _ in EVERYBODY} == set(city.deployment.principals)
    assert {hat for _, hat in EVERYBODY} >= {"analyst", "auditor", "operator", "key_custodian", "data_steward"}


@pytest.mark.parametrize("account", EVERYBODY, ids="/".join)
def test_nobody_gets_from_a_pseudonym_to_a_person_or_back(city: Open, account: tuple[str, str]) -> None:
    """Every question is refused under every purpose; nothing is released, and no refusal repeats what was asked about."""
    before = city.released()
    for question, sql in QUESTIONS.items():
        for purpose in PURPOSES:
            with pytest.raises((Denied, BadInput)) as caught:
                city.ask(account, purpose=purpose, sql=sql.format(**city.known))
            said = caught.value.text("ja") + caught.value.text("en")
            assert not [value for value in city.known.values() if value in said], question
            if isinstance(caught.value, Denied):
                assert caught.value.citations
    assert city.released() == before


@pytest.mark.parametrize("what", ["pseudonym", "forged", "number"])
def test_what_exists_and_what_does_not_is_refused_alike(city: Open, what: str) -> None:
    """A pseudonym of this answer, one that nobody has, and a number: one refusal, so that nothing is learnt from it."""
    asked = {**city.known, "forged": str(uuid.UUID(int=7))}[what]
    refusals = []
    for value in (asked, "00000000-0000-4000-8000-000000000000"):
        sql = QUESTIONS["whether a pseudonym is there"].format(pseudonym=value)
        with pytest.raises((Denied, BadInput)) as caught:
            city.ask(("center", "controller"), purpose="stat", sql=sql)
        refusals.append((type(caught.value), caught.value.exit_status, caught.value.text("ja")))
    assert refusals[0] == refusals[1]


def test_an_approved_query_is_not_narrowed_to_one_person(city: Open) -> None:
    """An approval covers its own text, and no text beside it."""
    before = city.released()
    sql = QUESTIONS["the number behind a pseudonym"].format(**city.known)
    with pytest.raises((Denied, BadInput)):
        city.ask(("center", "controller"), purpose=PURPOSE, approval=APPROVAL, sql=sql)
    assert city.released() == before


def test_the_city_is_the_one_that_is_told_of(city: Open) -> None:
    """The pseudonyms tried are real ones, and the number is a child's."""
    assert uuid.UUID(city.known["pseudonym"]) != uuid.UUID(city.known["other"])
    assert city.known["number"] not in city.known["pseudonym"]
    assert city.deployment.clock() >= CITY.beginning()
