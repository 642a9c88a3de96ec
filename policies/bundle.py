"""The rules as they are shipped: sources, and what OPA compiled from them, held together by digests.

``policies/bundle/policy.wasm`` is committed. ``manifest.json`` beside it has the SHA-256 of every rule file, of the
module and of the capabilities, and OPA's version. Nothing is decided with a module that the manifest does not name, or
with one that was compiled from other sources.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from governance.errors import BadInput, CheckFailed

OPA_VERSION = "1.20.2"
ENTRY_POINT = "sekisho/decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A checked bundle.

    Attributes:
        wasm: the compiled rules.
        revision: SHA-256 over the digests of all rule files; what the ledger names as the policy.
    """

    wasm: bytes
    revision: str


def rule_files() -> Mapping[str, str]:
    """The text of every rule file, tests excluded, by path relative to ``policies/rego``."""
    return dict(sorted(_files(resources.files("policies").joinpath("rego"), "")))


def _files(folder: Traversable, prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        if entry.is_dir():
            found.extend(_files(entry, f"{name}/"))
        elif name.endswith(".rego") and not name.endswith("_test.rego"):
            found.append((name, entry.read_text(encoding="utf-8")))
    return found


def load_bundle() -> Bundle:
    """The committed bundle, checked against its manifest and the rule files.

    Raises:
        CheckFailed: the module, a rule file or the manifest is not what the manifest says.
    """
    folder = resources.files("policies").joinpath("bundle")
    try:
        wasm = folder.joinpath("policy.wasm").read_bytes()
        manifest: dict[str, Any] = json.loads(folder.joinpath("manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CheckFailed("policy-bundle-unreadable") from None
    if manifest != _manifest(wasm):
        raise CheckFailed("policy-bundle-other")
    return Bundle(wasm=wasm, revision=manifest["revision"])


def _manifest(wasm: bytes) -> dict[str, Any]:
    rules = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in rule_files().items()}
    revision = hashlib.sha256("".join(f"{name}\n{digest}\n" for name, digest in rules.items()).encode()).hexdigest()
    return {
        "opa": OPA_VERSION,
        "entry_point": ENTRY_POINT,
        "revision": revision,
        "wasm": hashlib.sha256(wasm).hexdigest(),
        "capabilities": hashlib.sha256(capabilities_path().read_bytes()).hexdigest(),
        "rules": rules,
    }


def capabilities_path() -> Path:
    """Our capabilities file: the built-ins that rules may use, and no others."""
    return Path(str(resources.files("policies").joinpath("capabilities.json")))


def compile_rules(opa: Path) -> bytes:
    """The WebAssembly module that OPA makes of the rule files.

    Raises:
        BadInput: the rules do not compile, or ``opa`` is another version than the pinned one.
    """
    version = subprocess.run([str(opa), "version"], capture_output=True, text=True, check=False).stdout
    if f"Version: {OPA_VERSION}\n" not in version:
        raise BadInput("policy-opa-version", version=OPA_VERSION)
    with tempfile.TemporaryDirectory(prefix="sekisho-bundle-") as folder:
        rules = Path(folder) / "rules"
        for name, text in rule_files().items():
            path = rules / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        target = Path(folder) / "bundle.tar.gz"
        arguments = ["build", "-t", "wasm", "-e", ENTRY_POINT, "--capabilities", str(capabilities_path())]
        built = subprocess.run(
            [str(opa.resolve()), *arguments, "-o", str(target), "."], cwd=rules, capture_output=True, check=False
        )
        if built.returncode != 0:
            raise BadInput("policy-rules-do-not-compile")
        with tarfile.open(target) as archive:
            member = archive.extractfile("/policy.wasm")
            if member is None:
                raise BadInput("policy-rules-do-not-compile")
            return member.read()


def write_bundle(opa: Path, folder: Path) -> str:
    """Compile the rules and write module and manifest into a folder; the revision.

    Raises:
        BadInput: as `compile_rules`.
    """
    wasm = compile_rules(opa)
    manifest = _manifest(wasm)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.wasm").write_bytes(wasm)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return str(manifest["revision"])
