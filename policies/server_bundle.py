"""The rules and the data of one deployment as a bundle folder, which is what an Open Policy Agent server reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from policies.bundle import ROOM, Bundle, write_sources
from policies.revision import revision_of


def write_server_bundle(folder: Path, *, bundle: Bundle, data: Mapping[str, Any], token: str) -> str:
    """Lay out a bundle that answers the one question to the holder of ``token``, and nothing else to anybody.

    Args:
        folder: where; the token stands in it in clear text, so it must be readable to the server alone.
        bundle: the checked rules.
        data: the data documents.
        token: what a caller has to present as bearer token; the server must be started with token authentication and
            basic authorization.

    Returns:
        The revision that the server will state with each answer.
    """
    revision = revision_of(bundle, data)
    manifest = {"revision": revision, "roots": ["sekisho", "catalogue", "guideline", "system"], "rego_version": 1}
    documents = {**data, "system": {"token": token}}
    write_sources(
        {
            **bundle.sources,
            "system/authz/authorization.rego": (ROOM / "authorization" / "authorization.rego").read_bytes(),
            ".manifest": json.dumps(manifest).encode(),
            "data.json": json.dumps(documents, ensure_ascii=False).encode(),
        },
        folder,
    )
    return revision
