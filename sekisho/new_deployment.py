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
from string import Template
from zoneinfo import ZoneInfo

from governance.dates import end_of_fiscal_year
from governance.errors import BadInput
from guideline_docs import write_starter
from sekisho.establish import establish
from sekisho.layout import Layout
from sekisho.settings import FILE

ZONE = "Asia/Tokyo"

_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}", re.ASCII)
_DEPARTMENT = re.compile(r"[a-z][a-z0-9_]{0,40}", re.ASCII)
_LABEL = re.compile(r"[^\x00-\x1f'\\{}\[\]#:,]{1,60}")


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
    (folder / FILE).write_text(_filled("deployment.yaml", name=new.name, label=new.label, zone=ZONE), encoding="utf-8")
    write_starter(layout.guideline, today=today)
    layout.catalogue.mkdir()
    layout.departments.mkdir(mode=0o700)
    with resources.as_file(resources.files("sekisho") / "starter" / "kinds.yaml") as kinds:
        shutil.copyfile(kinds, layout.catalogue / "kinds.yaml")
    if new.departments:
        departments, first = ", ".join(new.departments), next(iter(new.departments))
        sets = layout.guideline / "tables" / "named_sets.yaml"
        sets.write_text(_filled("named_sets.yaml", departments=departments, first=first), encoding="utf-8")
    for identifier, label in new.departments.items():
        path = layout.catalogue / f"{identifier}.yaml"
        path.write_text(_filled("department.yaml", department=identifier, label=label), encoding="utf-8")
        (layout.departments / identifier).mkdir(mode=0o700)
    layout.templates.mkdir()
    layout.principals.write_text(_principals(new, today=today), encoding="utf-8")


def _filled(file: str, **values: str) -> str:
    """A file of the starter, with its places filled; who has which role is data there, not code (I4)."""
    text = (resources.files("sekisho") / "starter" / file).read_text(encoding="utf-8")
    return Template(text).substitute(values)


def _principals(new: NewDeployment, *, today: date) -> str:
    until = end_of_fiscal_year(today).isoformat()
    departments = (
        _filled("department_principals.yaml", department=identifier, label=label, until=until)
        for identifier, label in new.departments.items()
    )
    return _filled("principals.yaml", until=until) + "".join(departments)
