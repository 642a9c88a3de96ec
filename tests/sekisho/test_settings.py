"""Settings of a deployment: production is never a demo, and a wrong setting is named by its line."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from governance.errors import BadInput
from sekisho.settings import load_settings

GOOD = """\
name: test-city
label: {ja: 試験市, en: Test City}
production: false
demo: true
clock: 2023-10-01T09:00:00+09:00
zone: Asia/Tokyo
engine: embedded
ledger: {origin: test.example/sekisho}
identity: {issuer: "sekisho:test-city", token_hours: 12}
limits: {combine_seconds: 30}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "deployment.yaml").write_text(text, encoding="utf-8")
    return folder


def test_settings_are_read(tmp_path: Path) -> None:
    """A demo's clock stands at its moment; what is not said has its default."""
    settings = load_settings(write(tmp_path, GOOD))
    assert settings.name == "test-city"
    assert settings.clock()() == datetime.fromisoformat("2023-10-01T09:00:00+09:00")
    assert settings.token_lifetime == timedelta(hours=12)
    assert (settings.limits.combine_seconds, settings.limits.combine_threads) == (30, 2)


def test_without_a_pinned_clock_time_goes_on(tmp_path: Path) -> None:
    """A deployment that is no demo has the machine's clock, in its own zone."""
    text = GOOD.replace("demo: true", "demo: false").replace("clock: 2023-10-01T09:00:00+09:00\n", "")
    now = load_settings(write(tmp_path, text)).clock()()
    assert now > datetime.fromisoformat("2023-10-01T09:00:00+09:00")
    assert now.utcoffset() == timedelta(hours=9)
    assert now.microsecond == 0


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        pytest.param("production: false", "production: true", "settings-production-demo", 3, id="production-demo"),
        pytest.param("demo: true", "demo: false", "settings-clock-pinned", 5, id="clock-without-demo"),
        pytest.param("zone: Asia/Tokyo", "zone: Asia/Atlantis", "settings-zone", 6, id="zone"),
        pytest.param("zone: Asia/Tokyo", "zone: Asia/../Tokyo", "schema-pattern", 6, id="zone-path"),
        pytest.param("10-01T09", "02-30T09", "settings-clock", 5, id="no-such-day"),
        pytest.param("+09:00", "+08:00", "settings-clock", 5, id="offset-of-another-zone"),
        pytest.param("+09:00\nzone", "\nzone", "schema-pattern", 5, id="no-offset"),
        pytest.param("engine: embedded", "engine: none", "schema-not-in-list", 7, id="engine"),
        pytest.param("name: test-city\n", "", "schema-missing-field", 1, id="no-name"),
        pytest.param("demo: true", "demo: yes", "schema-wrong-type", 4, id="yes-is-no-boolean"),
        pytest.param("limits: {combine_seconds: 30}", "limit: {}", "schema-unknown-field", 10, id="unknown"),
        pytest.param("name: test-city", "name: test-city\nname: b", "yaml-duplicate-key", 2, id="twice"),
    ],
)
def test_a_wrong_setting_is_named_by_its_line(tmp_path: Path, old: str, new: str, code: str, line: int) -> None:
    """Each wrong setting is refused with the file, the line and its own code."""
    assert old in GOOD
    with pytest.raises(BadInput) as caught:
        load_settings(write(tmp_path, GOOD.replace(old, new)))
    assert caught.value.code == code
    assert caught.value.params["file"] == "deployment.yaml"
    assert caught.value.params["line"] == line
    assert "deployment.yaml" in caught.value.text("ja")


def test_missing_settings_are_named(tmp_path: Path) -> None:
    """A folder without deployment.yaml is no deployment."""
    with pytest.raises(BadInput) as caught:
        load_settings(tmp_path)
    assert caught.value.code == "file-missing"
