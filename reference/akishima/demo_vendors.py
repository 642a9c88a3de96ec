"""The two contractors of the demo: their keys, which outside of a demo only they themselves have."""

from __future__ import annotations

from pathlib import Path

from sekisho.key_files import write_key_file
from sekisho.package_file import new_identity

VENDORS = ("vendor-a", "vendor-b")
FOLDER = "vendors"
"""Where a demo keeps what the contractors would keep: private keys, and what they open."""

_UNREGISTERED = "public_key: null"


def private_key(folder: Path, vendor: str) -> Path:
    """The file of a contractor's private key in the demo's folder."""
    return folder / FOLDER / f"{vendor}.key"


def register_keys(folder: Path) -> None:
    """Make each contractor a key, and register its public side in the demo's guideline."""
    (folder / FOLDER).mkdir(mode=0o700)
    table = folder / "guideline" / "tables" / "recipients.yaml"
    text = table.read_text(encoding="utf-8")
    for vendor in VENDORS:
        private, public = new_identity()
        path = private_key(folder, vendor)
        write_key_file(path, f"# {vendor} {public}\n{private}\n".encode("ascii"), file=path.name)
        entry, name, rest = text.partition(f"\n{vendor}:\n")
        text = entry + name + rest.replace(_UNREGISTERED, f"public_key: {public}", 1)
    table.write_text(text, encoding="utf-8")
