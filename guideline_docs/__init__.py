"""The guideline of the reference city: one Markdown file an article, and the tables that the policy reads.

It is data. The core reads the copy in a deployment's ``guideline/`` folder through ``governance.load_guideline``; this
package says where the original is, so that a deployment can be built from it. ``docs/guideline-format.md`` says how
articles, controls and tables are written.

A city that begins gets a neutral guideline: the same articles and tables, but those that ``starter/`` has of its own,
without the reference city's field, purposes and items.
"""

from __future__ import annotations

import re
import shutil
from datetime import date
from importlib import resources
from pathlib import Path

FOLDER = Path(str(resources.files(__name__)))
"""The folder that holds ``articles/`` and ``tables/``."""

STARTER = FOLDER / "starter"
"""What a neutral guideline has instead of the reference city's."""

_ONLY_UNDER_AN_APPROVED_GUIDELINE = ("query", "approval.request", "approval.sign")
"""What a city that begins may do only once its guideline is approved, beside the registration of data."""

__all__ = ["FOLDER", "STARTER", "write_starter"]


def write_starter(folder: Path, *, today: date) -> None:
    """Write a neutral guideline, a draft that nobody has approved yet, into a folder that is not there.

    Args:
        today: the day that its version is dated with.
    """
    for part in ("articles", "tables"):
        (folder / part).mkdir(parents=True)
        files = {path.name: path for source in (FOLDER, STARTER) for path in sorted((source / part).iterdir())}
        for name, path in files.items():
            shutil.copyfile(path, folder / part / name)
    requirements = folder / "tables" / "requirements.yaml"
    text = requirements.read_text(encoding="utf-8")
    for action in _ONLY_UNDER_AN_APPROVED_GUIDELINE:
        text = re.sub(rf"^{re.escape(action)}:.*\n", r"\g<0>  - guideline-approved\n", text, flags=re.MULTILINE)
    requirements.write_text(text, encoding="utf-8")
    version = folder / "tables" / "version.yaml"
    dated = re.sub(r"(?m)^decided_on: .*$", f'decided_on: "{today.isoformat()}"', version.read_text(encoding="utf-8"))
    version.write_text(dated, encoding="utf-8")
