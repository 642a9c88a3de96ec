"""Reads ``principals.yaml``: the accounts of a deployment, before any of them has put on a hat."""

from __future__ import annotations

from pathlib import Path

from governance import located_yaml
from governance.dates import check_date
from governance.principals import Principal
from governance.registers import Origin, Register
from governance.schema_check import check_schema


def load_principals(file: Path) -> Register[Principal]:
    """Read and check the accounts.

    Args:
        file: the deployment's ``principals.yaml``.

    Returns:
        The principals by account name, each with ``hats=()``: the hat is put on with a request.

    Raises:
        BadInput: missing, unreadable or malformed, with file and line.
    """
    located = located_yaml.load(file, file=file.name)
    check_schema(located, "principals")
    principals = {}
    for name, document in located.data.items():
        check_date(located, name, "training_until")
        if "valid_until" in document:
            check_date(located, name, "valid_until")
        principals[name] = Principal(
            id=name,
            roles=tuple(document["roles"]),
            hats=(),
            organ=document["organ"],
            post=document["post"],
            department=document["department"],
            oath=document["oath"],
            training_until=document["training_until"],
            dv_cleared=document["dv_cleared"],
            mfa=document["mfa"],
            valid_until=document.get("valid_until"),
            unit=document.get("unit"),
        )
    return Register(principals, origins={name: Origin(located=located, path=(name,)) for name in principals})
