"""The page on source files names every setting of the catalogue and only codes that exist."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

from governance import located_yaml
from governance.errors import message_codes
from governance.schema_check import check_schema

PAGE = (Path(__file__).parents[2] / "docs" / "source-files.ja.md").read_text(encoding="utf-8")


def test_the_page_has_every_setting_of_a_layout() -> None:
    """A setting that is added to the schema is added to the table, and none stays that is gone."""
    schema = json.loads(resources.files("governance").joinpath("schemas", "department.schema.json").read_text("utf-8"))
    dataset = schema["properties"]["datasets"]["additionalProperties"]["properties"]
    section = PAGE.split("## 項目")[1].split("## ")[0]
    listed = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(listed) == sorted(dataset["layouts"]["items"]["properties"])


def test_the_codes_of_the_page_exist() -> None:
    """Whoever looks a message up finds it under its code."""
    codes = re.findall(r"`(source-[a-z-]+)`", PAGE)
    assert codes
    assert set(codes) <= message_codes()


def test_the_example_of_the_page_fits_the_schema() -> None:
    """What people copy is accepted once the columns are added."""
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    head = "department: school\nlabel: {ja: 学校, en: Schools}\norgan: mayor\nsteward: s\nsource: {kind: files, path: school}\n"
    rest = "  absent_row: unknown\n  refresh: monthly\n  columns: {a: {label: {ja: あ, en: A}, type: text, class: attribute}}\n"
    body = "".join(f"  {line}\n" for line in (example + rest).splitlines())
    check_schema(located_yaml.load(f"{head}datasets:\n{body}", file="school.yaml"), "department")
