"""What a package says of itself in the clear: purpose, articles, forms, loss, conditions, codebook; never a value."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from governance.approvals import Template
from governance.catalogue import Label
from governance.forms import band_labels
from governance.packages import Level, PackageColumn, PackageRecipe
from masking.anonymity import Anonymised
from query_broker.release import Release
from sekisho.actions import Grounds
from sekisho.package_file import FORMAT, Sealed
from sekisho.terminal import NOTICE

if TYPE_CHECKING:
    from sekisho.deployment import Deployment

ENCRYPTION = "age-encryption.org/v1"


def manifest_of(
    recipe: PackageRecipe,
    template: Template,
    rows: Anonymised,
    *,
    release: Release,
    number: str,
    approval: str,
    sealed: Sealed,
    decision: int,
    created_at: datetime,
    expires_on: date,
    as_of: date,
    deployment: Deployment,
    grounds: Grounds,
) -> dict[str, Any]:
    """The manifest of a package that is about to be made.

    Args:
        decision: ledger index of the decision that allows it.
    """
    tables = grounds.guideline.tables
    purpose, recipient = tables["purposes"][template.purpose], tables["recipients"][recipe.recipient]
    contract, domain = recipient["contract"], tables["domains"][purpose["domain"]]
    own = grounds.guideline.articles_of(tuple(tables["requirements"]["package.create"]))
    shown = {name: column for name, column in recipe.columns.items() if name in rows.table.column_names}
    return {
        "format": FORMAT,
        "package": number,
        "label": _label(recipe.label),
        "notice": NOTICE["ja"] if deployment.settings.demo else None,
        "recipient": {"id": recipe.recipient, "label": dict(recipient["label"])},
        "purpose": {"id": template.purpose, "label": dict(purpose["label"])},
        "articles": sorted({*release.articles, *own}),
        "guideline_version": grounds.guideline.version,
        "policy_digest": grounds.policy_digest,
        "approval": approval,
        "pseudonyms": {"domain": purpose["domain"], "epoch": domain["epoch"], "key_id": release.key_id},
        "contract": {"from": contract["from"], "to": contract["to"]},
        "created_at": created_at.isoformat(timespec="seconds"),
        "expires_on": expires_on.isoformat(),
        "as_of": as_of.isoformat(),
        "data": {
            "encryption": ENCRYPTION,
            "recipient_key": hashlib.sha256(contract["public_key"].encode()).hexdigest()[:16],
            "sha256": sealed.digest,
            "plain_sha256": sealed.plain_digest,
            "bytes": len(sealed.ciphertext),
            "rows": rows.table.num_rows,
        },
        "columns": [
            {
                "name": recipe.subject,
                "label": _text(template, recipe.subject),
                "role": "pseudonym",
                "type": "uuid",
                "form": "pseudonym",
                "values": [],
                "missing": {"means": "never", "ja": "ない。", "en": "Never."},
                "note": None,
            },
            *(_column(column, rows, template) for column in shown.values()),
        ],
        "withheld": sorted(recipe.columns.keys() - shown.keys()),
        "anonymity": _anonymity(recipe, rows, grounds.guideline.parameters(created_at.date())["packages"]),
        "conditions": [_label(condition) for condition in recipe.conditions],
        "ledger": {"origin": grounds.ledger.origin, "decision": decision, "release": release.ledger_index},
    }


def few(count: int, *, k: int) -> int | str:
    """A count of persons who were left out, itself not told where it is small."""
    return f"1-{k - 1}" if 0 < count < k else count


def _anonymity(recipe: PackageRecipe, rows: Anonymised, parameters: dict[str, int]) -> dict[str, Any]:
    k = parameters["k_rows"]
    return {
        "quasi_identifiers": sorted(name for name, column in recipe.columns.items() if column.role == "quasi"),
        "sensitive": sorted(name for name, column in recipe.columns.items() if column.role == "sensitive"),
        "k": rows.k,
        "k_wanted": k,
        "l": rows.l,
        "l_wanted": parameters["l_values"],
        "groups": rows.groups,
        "suppressed": few(rows.suppressed, k=k),
        "loss_percent": round(float(rows.loss) * 100),
    }


def _column(column: PackageColumn, rows: Anonymised, template: Template) -> dict[str, Any]:
    level = column.levels[rows.levels[column.name]]
    return {
        "name": column.name,
        "label": _text(template, column.name),
        "role": column.role,
        "type": str(rows.table.schema.field(column.name).type),
        "form": level.text(),
        "values": _values(level),
        "missing": {"means": "none" if column.missing_is_none else "unknown", **_label(column.missing)},
        "note": _label(column.note) if column.note is not None else None,
    }


def _values(level: Level) -> list[str]:
    """The values that a column may have: all bands, whether somebody is in them or not."""
    return list(band_labels(level.edges)) if level.kind == "bands" else []


def _text(template: Template, column: str) -> dict[str, str]:
    return {"ja": template.columns[column].label_ja, "en": template.columns[column].label_en}


def _label(label: Label) -> dict[str, str]:
    return {"ja": label.ja, "en": label.en}
