"""Loading a deployment: each broken part is one clear error that names the file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from governance.errors import BadInput
from sekisho.checks import check
from sekisho.deployment import Deployment
from sekisho.establish import establish


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_sound_deployment_passes_its_check(city_with_approval: Path) -> None:
    """Every part of the reference city is found sound, each department's sources included."""
    results = list(check(city_with_approval))
    assert [(result.part, [e.code for e in result.errors]) for result in results] == [
        ("deployment", []),
        ("templates", []),
        ("policy", []),
        ("approvals", []),
        ("guideline", []),
        ("ledger", []),
        ("retention", []),
        ("review", []),
        ("fairness", []),
        ("requests", []),
        ("incidents", []),
        ("department:center", []),
        ("department:ikusei", []),
        ("department:kaigo", []),
        ("department:kenko", []),
        ("department:kosodate", []),
        ("department:kyoiku", []),
        ("department:school", []),
        ("department:seifuku", []),
        ("department:shimin", []),
        ("department:shofuku", []),
        ("packages", []),
    ]


BREAK: dict[str, tuple[Callable[[Path], object], str]] = {
    "article": (lambda d: (d / "guideline/articles/art07.md").write_text("# 第7条\n", encoding="utf-8"), "art07.md"),
    "table": (lambda d: replace(d / "guideline/tables/purposes.yaml", "outputs:", "output:"), "purposes.yaml"),
    "catalogue": (lambda d: replace(d / "catalogue/kaigo.yaml", "department:", "dept:"), "kaigo.yaml"),
    "catalogue-yaml": (lambda d: (d / "catalogue/kaigo.yaml").write_text("a: [", encoding="utf-8"), "kaigo.yaml"),
    "catalogue-bytes": (lambda d: (d / "catalogue/kaigo.yaml").write_bytes(b"\x82\xa0"), "kaigo.yaml"),
    "principals": (lambda d: replace(d / "principals.yaml", "mfa: true", "mfa: sure"), "principals.yaml"),
    "template": (
        lambda d: replace(d / "templates/yc-household-care.sql", "purpose: young_carer", "purpose: fun"),
        "yc-household-care.sql",
    ),
    "no-catalogue": (lambda d: (d / "catalogue").rename(d / "x"), "catalogue"),
    "no-settings": (lambda d: (d / "deployment.yaml").unlink(), "deployment.yaml"),
    "no-issuer": (lambda d: (d / "keys/issuer.pem").unlink(), "issuer.pem"),
    "open-issuer": (lambda d: (d / "keys/issuer.pem").chmod(0o644), "issuer.pem"),
    "open-digest": (lambda d: (d / "keys/digest.key").chmod(0o640), "digest.key"),
    "short-digest": (lambda d: (d / "keys/digest.key").write_text("abc\n"), "digest.key"),
    "no-vkey": (lambda d: (d / "keys/ledger.vkey").unlink(), "ledger.vkey"),
}


@pytest.mark.parametrize("part", BREAK)
def test_a_broken_part_is_named(new_city: Path, part: str) -> None:
    """Each broken part stops the load with one error whose text names the file, in both languages."""
    spoil, file = BREAK[part]
    spoil(new_city)
    with pytest.raises(BadInput) as caught:
        Deployment.load(new_city)
    for lang in ("ja", "en"):
        assert file in caught.value.text(lang)
        assert caught.value.remedy(lang)
    (result,) = list(check(new_city))
    assert caught.value.code in [error.code for error in result.errors]


def test_every_fault_between_the_parts_is_found(new_city: Path) -> None:
    """A check lists all faults between the parts, not only the first one."""
    replace(new_city / "principals.yaml", "roles: [auditor]", "roles: [inspector]")
    replace(new_city / "principals.yaml", "organ: vendor", "organ: company")
    (result,) = list(check(new_city))
    assert sorted(error.code for error in result.errors) == ["organ-unknown", "role-unknown"]


def test_a_broken_source_fails_its_department_alone(new_city: Path) -> None:
    """A source that is not as the catalogue says is a fault of its department; the others are sound."""
    (new_city / "departments/kaigo/kaigo.duckdb").write_bytes(b"no database")
    results = {result.part: result for result in check(new_city)}
    assert not results["department:kaigo"].ok
    assert all(result.ok for part, result in results.items() if part != "department:kaigo")


def test_only_a_demo_may_be_shown_at_another_moment(new_city: Path) -> None:
    """A deployment that is no demo has its own clock and no other."""
    moment = datetime(2023, 9, 1, tzinfo=UTC)
    assert Deployment.load(new_city, now=moment).clock() == moment
    settings = new_city / "deployment.yaml"
    lines = [line for line in settings.read_text(encoding="utf-8").splitlines() if not line.startswith("clock:")]
    settings.write_text("\n".join(lines).replace("demo: true", "demo: false") + "\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        Deployment.load(new_city, now=moment)
    assert caught.value.code == "clock-not-yours"


def test_keys_and_ledger_are_made_once(new_city: Path) -> None:
    """A deployment that has a ledger is not established again."""
    with pytest.raises(BadInput) as caught:
        establish(new_city)
    assert caught.value.code == "file-exists"


@pytest.mark.parametrize("name", ["../keys/issuer", "Center", "a b", "山田", ""])
def test_an_account_is_a_name_and_never_a_path(new_city: Path, name: str) -> None:
    """What is not written as an account reads no file and is not repeated."""
    with pytest.raises(BadInput) as caught:
        Deployment.load(new_city).token(name)
    assert caught.value.code == "principal-name"
    assert name == "" or name not in str(caught.value)


def test_an_account_without_a_token_has_none(new_city: Path) -> None:
    """No account named, or none with a token: there is no token, and the policy will say so."""
    deployment = Deployment.load(new_city)
    assert deployment.token(None) is None
    assert deployment.token("nobody") is None
