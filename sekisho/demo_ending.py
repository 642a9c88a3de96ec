"""The end of every demo: the ledger is verified, and a tampered copy of it is not."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from audit.findings import VerificationReport
from audit.note import parse_vkey
from audit.verification import verify
from governance.catalogue import Label
from sekisho.demo import NotAsExpected, Stage, Step


def ending() -> tuple[Step, ...]:
    """The steps that every story ends with."""
    return (
        Step(
            title=Label(
                ja="監査記録を、書いた側を信用せずに最初から確かめる",
                en="Verify the ledger from its first entry, without trusting its writer",
            ),
            show=_verify,
        ),
        Step(
            title=Label(
                ja="写しの監査記録を1件だけ書き換えると、見つかる",
                en="In a copy of the ledger one entry is changed, and that is found",
            ),
            show=_tamper,
        ),
    )


def _verify(stage: Stage) -> None:
    report = _report(stage, stage.deployment.layout.ledger)
    if not report.ok:
        raise NotAsExpected(ja="監査記録に不整合があります。", en="The ledger is not whole.")
    stage.say(
        ja=f"○ {report.size:,} 件すべて正しくつながっています。根 {report.root[:16]}…",
        en=f"o {report.size:,} entries, unbroken. Root {report.root[:16]}…",
    )


def _tamper(stage: Stage) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "ledger.sqlite"
        # SQLite's own backup: a plain copy would leave what is still in the write-ahead log behind.
        with (
            closing(sqlite3.connect(stage.deployment.layout.ledger)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
            index = _make_deny_an_allow(target)
        report = _report(stage, copy)
    if report.ok:
        raise NotAsExpected(ja="書換えが見つかりませんでした。", en="The change was not found.")
    stage.say(
        ja=f"× {index} 番目の「認めない」を「認める」に書き換えると、{len(report.findings)} 件の不整合がありました。",
        en=f"x Entry {index}, a deny, was made an allow; {len(report.findings)} findings.",
    )
    for finding in report.findings[:3]:
        stage.say(ja=f"  ・{finding.text('ja')}", en=f"  - {finding.text('en')}")


def _make_deny_an_allow(connection: sqlite3.Connection) -> int:
    """Change the first deny, as somebody with the file and without the key could."""
    index, body = connection.execute(
        "SELECT idx, body FROM entries WHERE instr(body, ?) > 0 ORDER BY idx", (b'"allow":false',)
    ).fetchone()
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f'DROP TRIGGER "{name}"')
    connection.execute(
        "UPDATE entries SET body = ? WHERE idx = ?", (body.replace(b'"allow":false', b'"allow":true'), index)
    )
    for _, statement in triggers:
        connection.execute(statement)
    connection.commit()
    return int(index)


def _report(stage: Stage, path: Path) -> VerificationReport:
    vkey = stage.deployment.ledger_vkey
    return verify(path, vkey=vkey, origin=parse_vkey(vkey).name)
