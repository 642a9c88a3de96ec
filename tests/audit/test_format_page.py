"""The page that specifies the ledger: its example is what the code writes and reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audit.entry import KINDS, entry_schema, parse_entry
from audit.file_format import APPLICATION_ID, FORMAT_VERSION, schema_sql
from audit.merkle import EMPTY_TREE, node_position
from audit.receipt import parse_receipt, verify_receipt
from tests.audit.samples import ORIGIN, SIDECAR, VKEY, decision, new_ledger, release

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The one code block of a language, without its last newline."""
    found: list[str] = re.findall(rf"^```{language}\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(found) == 1
    return found[0]


def test_the_example_verifies() -> None:
    """Key, entry and receipt of the page belong together."""
    vkey, entry = block("vkey"), block("entry").encode()
    receipt = parse_receipt(block("tlog-proof") + "\n", entry=entry)
    checkpoint = verify_receipt(receipt, vkey=vkey, origin=vkey.split("+", maxsplit=1)[0])
    assert (receipt.index, checkpoint.size) == (2, 3)
    assert parse_entry(entry)["kind"] == "release"


def test_the_example_is_what_a_ledger_writes_today(tmp_path: Path) -> None:
    """The same entries under the same key give the receipt of the page, byte for byte."""
    with new_ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.append(decision(1), sidecars=[SIDECAR])
        receipt = ledger.append(release(1, decided=1))
    assert block("vkey") == VKEY
    assert block("entry") == receipt.entry.decode()
    assert block("tlog-proof") + "\n" == receipt.text
    assert ORIGIN in receipt.text


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_names_every_field(kind: str) -> None:
    """Each kind has its row with the fields that only some kinds have; the common ones stand above the table."""
    (row,) = re.findall(rf"^\| `{kind}` \|.*$", PAGE, re.MULTILINE)
    above = PAGE[: PAGE.index("| kind | says |")]
    for field in entry_schema()["$defs"][kind]["properties"]:
        if field != "clock":
            assert f"`{field}`" in row or f"`{field}`" in above, field
    assert "`clock`" in PAGE


def test_the_page_names_every_table() -> None:
    """Each table of the file has its row, and the header values are the code's."""
    for table in re.findall(r"CREATE TABLE (\w+)", schema_sql()):
        assert re.search(rf"^\| `{table}` \|", PAGE, re.MULTILINE), table
    assert f"0x{APPLICATION_ID:08X}" in PAGE
    assert f"`user_version` {FORMAT_VERSION}" in PAGE


def test_the_formula_for_positions_is_the_codes() -> None:
    """2n - popcount(n) + l with n = ((i + 1) << l) - 1, as the page says."""
    assert "2*n* − popcount(*n*) + *l*" in PAGE
    for level in range(8):
        for index in range(20):
            last = ((index + 1) << level) - 1
            assert node_position(level=level, index=index) == 2 * last - last.bit_count() + level
    assert EMPTY_TREE.root().hex().startswith("e3b0c442")


def test_the_page_stays_short() -> None:
    """A format that does not fit on two pages is not read."""
    assert len(PAGE.split()) < 1_400
