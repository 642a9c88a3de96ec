"""A folder of files as a source: CSV, Excel and Parquet, told apart by their endings, one or hundreds a dataset."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from pathlib import Path, PurePosixPath

from connectors.csv_files import read_csv
from connectors.excel_files import read_excel
from connectors.layouts import layout_of, told_by_name
from connectors.parquet_files import read_parquet
from connectors.sources import FileDigests, Part, SourceTexts, inside, relative_name
from governance.catalogue import Dataset
from governance.errors import BadInput, Unavailable

_READERS: Mapping[str, Callable[..., Generator[SourceTexts]]] = {
    ".csv": read_csv,
    ".xlsx": read_excel,
    ".parquet": read_parquet,
}

_NOT_MEANT = ("~$", ".")
"""How names begin that programs leave beside the files of people: of an open workbook, of a folder's view."""


class FilesSource:
    """A folder of files. Each file is a part, so that a changed one is all that is read again."""

    def __init__(self, folder: Path, *, root: Path) -> None:
        self._folder = folder.resolve()
        self._root = root.resolve()
        self._digests = FileDigests(root=root)

    def parts(self, dataset: Dataset, *, afresh: bool = False) -> tuple[Part, ...]:
        """The files that the dataset's globs find, by name.

        Raises:
            BadInput: a glob leads out of the folder, or finds a file of a format that is not read.
            Unavailable: there is none, or one cannot be read.
        """
        return tuple(
            Part(name=relative_name(path, root=self._root), state=self._digests.of(path, afresh=afresh))
            for path in self._files(dataset)
        )

    def read(self, dataset: Dataset, part: Part) -> Generator[SourceTexts]:
        """The texts of a file that :meth:`parts` has named, batch by batch."""
        path = self._root / part.name
        below = PurePosixPath(path.relative_to(self._folder).as_posix())
        layout = layout_of(dataset, below)
        told = told_by_name(layout, below, file=part.name)
        return _READERS[path.suffix.lower()](path, dataset, layout, told=told, file=part.name)

    def _files(self, dataset: Dataset) -> tuple[Path, ...]:
        for pattern in dataset.files:
            if not pattern or PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
                raise BadInput("source-path-outside", path=pattern)
        globbed = {path for pattern in dataset.files for path in self._folder.glob(pattern) if path.is_file()}
        found = sorted(path for path in globbed if not path.name.startswith(_NOT_MEANT))
        if not found:
            patterns = ", ".join(dataset.files)
            raise Unavailable("source-missing", file=relative_name(self._folder / patterns, root=self._root))
        if other := next((path for path in found if path.suffix.lower() not in _READERS), None):
            # To pass over it could pass over what somebody delivered.
            name = relative_name(other, root=self._root)
            raise BadInput("source-format", file=name, dataset=dataset.name, formats=", ".join(_READERS))
        # One look at each folder, and at a file only where it is a link: hundreds of files are the usual case.
        folders = {folder: inside(folder, "", root=self._folder) for folder in {path.parent for path in found}}
        return tuple(
            inside(path.parent, path.name, root=self._folder) if path.is_symlink() else folders[path.parent] / path.name
            for path in found
        )
