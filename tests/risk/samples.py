"""A small set of criteria, and answers to judge by them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import yaml

from governance.approvals import Template, TemplateColumn
from risk.load_rules import load_rules
from risk.rule_set import RuleSet

COLUMNS = ("who", "need", "late", "late_known", "poor", "age", "helped", "gone")

DOCUMENT: dict[str, Any] = {
    "purpose": "help",
    "template": "help-features",
    "version": "1",
    "never_alone": ["poor"],
    "supported": "helped",
    "groups": {
        "need": {"label": {"ja": "必要", "en": "need"}, "cap": 4},
        "sign": {"label": {"ja": "様子", "en": "sign"}, "cap": 3},
        "context": {"label": {"ja": "事情", "en": "context"}, "cap": 2},
    },
    "listed": [{"groups": ["need"], "points": 2}, {"groups": ["sign", "context"], "points": 2}],
    "bands": {"a": 6, "b": 4},
    "alerts": ["XX05"],
    "factors": {
        "XX01": {
            "label": {"ja": "世話", "en": "care"}, "group": "need", "weight": 3, "evidence": "調査",
            "hit": "need", "known": "need IS NOT NULL",
        },
        "XX02": {
            "label": {"ja": "遅刻", "en": "late"}, "group": "sign", "weight": 3, "evidence": "調査",
            "hit": "late >= 3", "known": "late_known >= 1",
        },
        "XX03": {
            "label": {"ja": "困窮", "en": "hardship"}, "group": "context", "weight": 2, "evidence": "調査", "hit": "poor",
        },
        "XX04": {
            "label": {"ja": "以前", "en": "before"}, "group": "need", "weight": 4, "evidence": "調査",
            "hit": "need", "known": "need IS NOT NULL", "fades": {"by": "age", "full_to": 2, "gone_from": 6},
        },
        "XX05": {
            "label": {"ja": "所在", "en": "gone"}, "group": "sign", "weight": 5, "evidence": "通知", "hit": "gone",
        },
    },
}  # fmt: skip


def template() -> Template:
    """A template that puts the columns out."""
    columns = {name: TemplateColumn(label_ja=name, label_en=name) for name in COLUMNS}
    return Template(
        id="help-features",
        purpose="help",
        title_ja="見本",
        title_en="sample",
        sql="SELECT 1",
        parameters={},
        columns=columns,
    )


def written(folder: Path, document: dict[str, Any], *, name: str = "help") -> Path:
    """The folder with criteria in it."""
    (folder / f"{name}.yaml").write_text(
        yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    return folder


def rules(folder: Path, document: dict[str, Any] | None = None) -> RuleSet:
    """Criteria, loaded."""
    return load_rules(written(folder, document or DOCUMENT), {"help-features": template()})["help"]


def person(number: int = 1, **values: Any) -> dict[str, Any]:
    """One row, with nothing known but what is given."""
    return {"who": UUID(int=number), **dict.fromkeys(COLUMNS[1:]), **values}


def answer(*people: dict[str, Any]) -> pa.Table:
    """Rows as a release has them."""
    kinds = {"late": pa.int64(), "late_known": pa.int64(), "age": pa.int32()}
    columns = {
        name: pa.array([each[name] for each in people], type=kinds.get(name, pa.bool_())) for name in COLUMNS[1:]
    }
    who = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([each["who"].bytes for each in people], pa.binary(16)))
    return pa.table({"who": who, **columns})
