"""A new, empty deployment: settings, a neutral guideline that is a draft, example accounts, keys and a ledger.

It holds no data and allows nothing: no department has registered a dataset, no purpose is laid down, and nobody has
approved the guideline. Policy comes first, data after (第19条).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from governance.catalogue import Label
from governance.errors import BadInput
from guideline_docs import write_starter
from sekisho.approvals import end_of_fiscal_year
from sekisho.establish import establish
from sekisho.layout import Layout
from sekisho.settings import FILE

ZONE = "Asia/Tokyo"

_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}", re.ASCII)
_DEPARTMENT = re.compile(r"[a-z][a-z0-9_]{0,40}", re.ASCII)
_LABEL = re.compile(r"[^\x00-\x1f'\\{}\[\]#:,]{1,60}")

_ACCOUNTS: tuple[tuple[str, str, str, str, str], ...] = (
    ("planner", "[controller, user]", "mayor", "主任", "照会を起案し、使う職員"),
    ("planner-head", "[section_head]", "mayor", "課長", "活用する課の長"),
    ("privacy", "[reviewer]", "mayor", "係長", "審査者（個人情報担当）"),
    ("cpo", "[cpo]", "mayor", "副市長", "総括保護管理者"),
    ("custodian", "[key_custodian]", "mayor", "係長", "仮名鍵管理者"),
    ("auditor", "[auditor]", "audit_commissioners", "事務局長", "監査責任者"),
    ("operator", "[operator]", "vendor", "保守員", "システム保守"),
)
"""Account, roles, organ, post and whose it is: examples, one for each role that the starter guideline knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeployment:
    """What the deployment is called and who holds data.

    Attributes:
        name: short name, in ASCII.
        label: its name for people.
        departments: department → its name for people.
    """

    name: str
    label: str
    departments: Mapping[str, str]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadInput("init-name")
        for identifier, label in self.departments.items():
            if not _DEPARTMENT.fullmatch(identifier) or identifier == "kinds":
                raise BadInput("init-department")
            if not _LABEL.fullmatch(label):
                raise BadInput("init-label")
        if not _LABEL.fullmatch(self.label):
            raise BadInput("init-label")


def initialise(folder: Path, new: NewDeployment, *, now: datetime | None = None) -> None:
    """Write and establish a new deployment.

    Args:
        folder: does not exist yet, or is empty.
        now: the moment of its foundation, the machine's clock unless given.

    Raises:
        BadInput: the folder holds something, or cannot be written. Nothing is ever overwritten.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput("init-folder-taken")
    moment = now or datetime.now(tz=ZoneInfo(ZONE)).replace(microsecond=0)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(folder, new, today=moment.date())
    except OSError as error:
        raise BadInput("file-unwritable", file=folder.name) from error
    establish(folder, now=moment)


def _write(folder: Path, new: NewDeployment, *, today: date) -> None:
    layout = Layout(folder)
    (folder / FILE).write_text(_settings(new), encoding="utf-8")
    write_starter(layout.guideline, today=today)
    layout.catalogue.mkdir()
    layout.departments.mkdir(mode=0o700)
    with resources.as_file(resources.files("sekisho") / "starter" / "kinds.yaml") as kinds:
        shutil.copyfile(kinds, layout.catalogue / "kinds.yaml")
    for identifier, label in new.departments.items():
        path = layout.catalogue / f"{identifier}.yaml"
        path.write_text(_department(identifier, Label(ja=label, en=label)), encoding="utf-8")
        (layout.departments / identifier).mkdir(mode=0o700)
    layout.templates.mkdir()
    layout.principals.write_text(_principals(new, today=today), encoding="utf-8")


def _settings(new: NewDeployment) -> str:
    return f"""\
# 実データで本番の運用を始めるときは production を true にする。
name: {new.name}
label: {{ja: '{new.label}', en: '{new.label}'}}
production: false
demo: false
zone: {ZONE}
# この環境のある系。ガイドラインの data_forms が、系ごとに扱ってよいデータの形を定める。
network_zone: mynumber
engine: embedded
ledger: {{origin: {new.name}.example/sekisho}}
identity: {{issuer: "sekisho:{new.name}", token_hours: 12}}
limits: {{combine_seconds: 60}}
"""


def _department(identifier: str, label: Label) -> str:
    return f"""\
# {label.ja}: ファイルは departments/{identifier}/ に置く。表は sekisho dataset register で加わる。
department: {identifier}
label: {{ja: '{label.ja}', en: '{label.en}'}}
organ: mayor
steward: steward-{identifier}
source: {{kind: files, path: {identifier}}}
datasets: {{}}
"""


def _principals(new: NewDeployment, *, today: date) -> str:
    lines = ["# アカウントの例。役職に合わせて直す。研修と守秘の届出が済んだ人だけを載せる。\n"]
    trained = end_of_fiscal_year(today).isoformat()

    def add(name: str, roles: str, organ: str, post: str, department: str | None, whose: str) -> None:
        lines.append(
            f"{name}:  # {whose}\n"
            f"  {{roles: {roles}, organ: {organ}, post: {post}, department: {department or 'null'}, oath: true,"
            f' training_until: "{trained}", dv_cleared: false, mfa: true, valid_until: "{trained}"}}\n'
        )

    for name, roles, organ, post, whose in _ACCOUNTS:
        add(name, roles, organ, post, None, whose)
    for identifier, label in new.departments.items():
        add(f"steward-{identifier}", "[data_steward]", "mayor", "課長", identifier, f"{label} 保護管理者")
        add(f"officer-{identifier}", "[data_officer]", "mayor", "主任", identifier, f"{label} 保護担当者")
    return "".join(lines)
