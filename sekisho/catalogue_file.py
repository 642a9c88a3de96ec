"""Adding a dataset to a department's file in the catalogue: comments and order of what is there stay as they are.

The file is people's, so it is not written anew: lines are added, and what comes of it is read and compared before it
takes the file's place.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from governance import located_yaml
from governance.catalogue import Catalogue
from governance.errors import BadInput, Fault
from governance.load_catalogue import load_catalogue

_DATASETS = re.compile(r"datasets:\s*(\{\s*\})?\s*(#.*)?")
_TOP_LEVEL = re.compile(r"[^\s#]")


def with_dataset(text: str, block: Sequence[str]) -> str:
    """A department's file with the lines of one more dataset.

    Raises:
        BadInput: its ``datasets`` is not written as a block of lines.
    """
    lines = text.rstrip("\n").split("\n")
    found = [at for at, line in enumerate(lines) if _DATASETS.fullmatch(line.rstrip())]
    if len(found) != 1:
        raise BadInput("catalogue-datasets-inline")
    start = found[0]
    lines[start] = "datasets:"
    end = next((at for at in range(start + 1, len(lines)) if _TOP_LEVEL.match(lines[at])), len(lines))
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return "\n".join([*lines[:end], *block, *lines[end:]]) + "\n"


class CatalogueChange:
    """One more dataset, tried on a copy of the catalogue before it is put in place."""

    def __init__(self, folder: Path, *, department: str, dataset: str, block: Sequence[str]) -> None:
        """Try the change.

        Args:
            folder: the deployment's catalogue.
            block: the dataset's lines.

        Raises:
            BadInput: the dataset is there already, or the catalogue would not be sound with it.
        """
        self._path = folder / f"{department}.yaml"
        before = self._path.read_text(encoding="utf-8")
        self._text = with_dataset(before, block)
        self._check(before, dataset)
        with tempfile.TemporaryDirectory(prefix="sekisho-catalogue-") as trial:
            copy = Path(shutil.copytree(folder, Path(trial) / folder.name))
            (copy / self._path.name).write_text(self._text, encoding="utf-8")
            self.catalogue: Catalogue = load_catalogue(copy)

    def _check(self, before: str, dataset: str) -> None:
        """What was there is there still, and the dataset is the only thing more."""
        old = located_yaml.load(before, file=self._path.name).data
        if dataset in old["datasets"]:
            raise BadInput("dataset-registered-already", dataset=dataset)
        new = located_yaml.load(self._text, file=self._path.name).data
        added = new["datasets"].pop(dataset, None)
        if added is None or new != old:
            raise Fault

    def put(self) -> None:
        """Put the changed file in the place of the old one, whole or not at all."""
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".", suffix=".new")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(self._text)
                stream.flush()
                os.fsync(stream.fileno())
            shutil.copymode(self._path, name)
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
