"""What every extract carries: the words 架空データ and the day on which it was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

MARKING = "架空データ"
"""Stands wherever a format leaves room for it: nothing in these files is about a real person."""

ABOUT = (
    ("marking", MARKING),
    ("note", "この中の人・世帯・記録・番号はすべて機械がつくったものです。Synthetic data; no real person."),
)


def write_about(folder: Path, *, extracts: Mapping[str, date], readme: bool) -> None:
    """The day of each extract (``extract.yaml``), and for folders of files a README with the marking."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{dataset}: {day.isoformat()}\n" for dataset, day in extracts.items())
    (folder / "extract.yaml").write_text(f"# {MARKING}\n{lines}", encoding="utf-8", newline="\n")
    if readme:
        text = f"{MARKING}\r\nこのフォルダの内容はすべて機械がつくったもので、実在の人や学校とは関係がありません。\r\n"
        (folder / "README.txt").write_bytes(text.encode("cp932"))
