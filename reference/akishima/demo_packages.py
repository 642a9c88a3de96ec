"""Scenes of the demo about contractors: two packages made, verified and opened; nothing joins them (第18条・第25条)."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO

from audit.keys import load_vkey, vkey_path
from governance.catalogue import Label
from governance.errors import SekishoError
from masking.anonymity import person_bytes
from reference.akishima.demo_vendors import FOLDER, VENDORS, private_key
from sekisho.demo import NotAsExpected, Stage, Step
from sekisho.exports import people_rows
from sekisho.package_file import DATA, Opened, Verified, decrypt, verify
from sekisho.package_register import PackageStatus

RECIPES = {"vendor-a": "va-truancy", "vendor-b": "vb-young-carer"}

Approve = Callable[[Stage, str], str]
"""Has a template approved by everybody whose signature it needs; the number of the approval."""


def packages(approve: Approve) -> tuple[Step, ...]:
    """The scenes; one that asks the approved query of a contractor's purpose comes first."""
    return (
        Step(
            title=Label(
                ja="提供物: 委託先ごとに、粗くし、点検し、別の二人が審査してから作る",
                en="Packages: coarsened and checked for each contractor, reviewed by two others, then made",
            ),
            show=lambda stage: _make(stage, approve),
        ),
        Step(
            title=Label(
                ja="委託先が自分の鍵で開く。二つの提供物に同じ番号は一つもない",
                en="Each contractor opens its own; the two packages have not one number in common",
            ),
            show=_open,
        ),
        Step(
            title=Label(
                ja="別の鍵、書き換え、期限切れの提供物は開かない",
                en="Another key, a changed file and an expired package open nothing",
            ),
            show=_refuse,
        ),
    )


def _make(stage: Stage, approve: Approve) -> None:
    for vendor, recipe in RECIPES.items():
        number = approve(stage, recipe)
        if vendor == VENDORS[0]:
            _no_other_way(stage, recipe, approval=number)
        drafted = _drafted(stage, recipe)
        detail = drafted.stored.detail
        file = stage.broker.packages.create(stage.asker("center", hat="controller"), number=drafted.number)
        (stage.deployment.layout.folder / FOLDER / f"{vendor}.zip").write_bytes(file)
        document = f"R5-{31 + VENDORS.index(vendor)}"
        center = stage.asker("center", hat="controller")
        stage.broker.packages.hand_over(center, number=drafted.number, document=document)
        stage.notes[vendor] = drafted.number
        safe = f"k={detail['k']}、l={detail['l'] or '-'}"
        stage.say(
            ja=f"○ {drafted.number} {vendor}: {detail['rows']:,} 行、{safe}、粗さ {detail['loss_percent']}%。"
            "審査 privacy・privacy2、授受簿に記録",
            en=f"o {drafted.number} {vendor}: {detail['rows']:,} rows, {safe}, coarseness {detail['loss_percent']}%; "
            "reviewed by privacy and privacy2, entered in the register",
        )


def _no_other_way(stage: Stage, recipe: str, *, approval: str) -> None:
    """Approved or not, rows for a contractor leave in a package only."""
    purpose = stage.deployment.templates[recipe].purpose
    stage.refused(lambda: stage.ask("center", hat="controller", purpose=purpose, approval=approval), article=18)


def _drafted(stage: Stage, recipe: str) -> PackageStatus:
    """Drafted, and refused until two others have reviewed it."""
    packages, center = stage.broker.packages, stage.asker("center", hat="controller")
    drafted = packages.draft(center, recipe=recipe)
    if drafted.stored.detail["findings"]:
        raise NotAsExpected(ja="点検で問題が見付かりました。", en="The check found something.")
    stage.refused(lambda: packages.create(center, number=drafted.number), article=18)
    for reviewer in ("privacy", "privacy2"):
        packages.review(stage.asker(reviewer, hat="reviewer"), number=drafted.number)
    return drafted


def _open(stage: Stage) -> None:
    persons: list[set[bytes]] = []
    for vendor in VENDORS:
        opened = _opened(stage, vendor, key_of=vendor)
        persons.append(set(person_bytes(opened.table.column("resident_id"))))
        center = stage.asker("center", hat="controller")
        stage.broker.packages.received(center, number=stage.notes[vendor], code=opened.receipt_code)
        lines = list(people_rows(opened.table.slice(0, 3), lang=stage.terminal.lang))
        stage.table(opened.table.column_names, lines, of=opened.table.num_rows)
    first, second = persons
    common = len(first & second)
    stage.say(
        ja=f"○ {len(first):,} 人と {len(second):,} 人、一致する番号 {common}。受領を授受簿に記録しました。",
        en=f"o {len(first):,} and {len(second):,} persons, {common} numbers in common; both receipts recorded.",
    )
    if common or not first or not second:
        raise NotAsExpected(ja="一致する番号はないはずでした。", en="No number was to be in common.")


def _refuse(stage: Stage) -> None:
    vendor, other = VENDORS
    file = (stage.deployment.layout.folder / FOLDER / f"{vendor}.zip").read_bytes()
    last = date.fromisoformat(_verified(stage, file).manifest["expires_on"])
    for code, attempt in (
        ("package-key-wrong", lambda: _opened(stage, vendor, key_of=other)),
        ("package-tampered", lambda: _verified(stage, _with_rows_of(stage, file, other))),
        ("package-expired", lambda: _verified(stage, file, on=last.replace(year=last.year + 1))),
    ):
        try:
            attempt()
        except SekishoError as error:
            if error.code != code:
                raise NotAsExpected(ja=f"{code} のはずでした。", en=f"It had to be {code}.") from None
            stage.say(ja=f"× {error.text('ja')}", en=f"x {error.text('en')}")
            continue
        raise NotAsExpected(ja="断られるはずでした。", en="It had to be refused.")


def _verified(stage: Stage, file: bytes, *, on: date | None = None) -> Verified:
    layout = stage.deployment.layout
    return verify(
        file,
        package_key=load_vkey(vkey_path(layout.package_key)),
        ledger_key=load_vkey(vkey_path(layout.ledger_key)),
        today=on or stage.deployment.clock().date(),
    )


def _opened(stage: Stage, vendor: str, *, key_of: str) -> Opened:
    folder = stage.deployment.layout.folder
    identity = private_key(folder, key_of).read_text(encoding="ascii").splitlines()[-1]
    return decrypt(_verified(stage, (folder / FOLDER / f"{vendor}.zip").read_bytes()), identity=identity)


def _with_rows_of(stage: Stage, file: bytes, other: str) -> bytes:
    """A contractor's package with the encrypted rows of the other one's."""
    theirs = zipfile.ZipFile(stage.deployment.layout.folder / FOLDER / f"{other}.zip").read(DATA)
    changed = BytesIO()
    with zipfile.ZipFile(BytesIO(file)) as old, zipfile.ZipFile(changed, "w") as new:
        for info in old.infolist():
            new.writestr(info, theirs if info.filename == DATA else old.read(info))
    return changed.getvalue()
