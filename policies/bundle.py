"""The committed build of the rules, and what must agree before it is used.

``policies/bundle/policy.wasm`` is compiled by OPA from ``policies/rego``; ``manifest.json`` beside it holds the SHA-256
of every source, of the list of allowed built-ins and of the build. A deployment needs no OPA: it checks these digests
and runs the build. That the build comes from the sources is proved where OPA is at hand, by building again: the build
is reproducible to the byte, since it starts in a folder with nothing but the sources and names them relative to it.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785

from governance.errors import BadInput, CheckFailed
from policies.engine import ENTRYPOINT

ROOM = Path(__file__).resolve().parent
"""The folder that holds ``rego/``, ``capabilities.json`` and ``bundle/``."""

OPA_VERSION = "1.20.2"

_CAPABILITIES = "capabilities.json"
_WASM = "bundle/policy.wasm"
_MANIFEST = "bundle/manifest.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Rules that were checked against their manifest.

    Attributes:
        wasm: the build.
        sources: the text of every rule file, by path below ``rego/``, and the bundle's ``.manifest``; no tests.
        revision: SHA-256 over the digests of sources, allowed built-ins and version of OPA; names the rules in records.
    """

    wasm: bytes
    sources: Mapping[str, bytes]
    revision: str


def read_sources(room: Path = ROOM) -> dict[str, bytes]:
    """The rule files by path below ``rego/``, and the bundle's own manifest; tests are no rules."""
    rego = room / "rego"
    files = [path for path in rego.rglob("*.rego") if not path.name.endswith("_test.rego")]
    return {path.relative_to(rego).as_posix(): path.read_bytes() for path in sorted([*files, rego / ".manifest"])}


def capabilities_path(room: Path = ROOM) -> Path:
    """The list of built-ins that the rules may use: of those that OPA compiles into the build, what is needed."""
    return room / _CAPABILITIES


def load_bundle(room: Path = ROOM) -> Bundle:
    """Read the committed build, and refuse it where a byte of it or of its sources is not what the manifest says.

    Raises:
        CheckFailed: a file is missing, was changed, or is not in the manifest; the message names it.
    """
    manifest = _read_manifest(room / _MANIFEST)
    try:
        wasm, sources = (room / _WASM).read_bytes(), read_sources(room)
        found = _manifest_of(sources, capabilities_path(room).read_bytes(), wasm)
    except OSError as error:
        raise CheckFailed("policy-bundle-missing", file=_named(error, room)) from None
    for part, file in {"wasm": _WASM, "capabilities": _CAPABILITIES}.items():
        if manifest.get(part) != found[part]:
            raise CheckFailed("policy-bundle-changed", file=file)
    declared = manifest.get("sources")
    if isinstance(declared, dict) and declared != found["sources"]:
        names = declared.keys() | found["sources"].keys()
        changed = min(name for name in names if declared.get(name) != found["sources"].get(name))
        raise CheckFailed("policy-bundle-changed", file=f"rego/{changed}")
    if manifest != found:
        raise CheckFailed("policy-bundle-changed", file=_MANIFEST)
    return Bundle(wasm=wasm, sources=sources, revision=found["revision"])


def compile_rules(opa: Path, *, room: Path = ROOM) -> bytes:
    """Compile the rules to WebAssembly; the same rules give the same bytes.

    Args:
        opa: the pinned Open Policy Agent.
        room: where the rules lie. Nothing is written there.

    Raises:
        BadInput: another version of OPA, or OPA refuses the rules; the message carries what it says about them.
    """
    check_opa(opa)
    with tempfile.TemporaryDirectory(prefix="sekisho-rules-") as folder:
        rules = Path(folder) / "rules"
        write_sources(read_sources(room), rules)
        archive = Path(folder) / "bundle.tar.gz"
        command: list[str | Path] = [opa.resolve(), "build", "--bundle", "--target", "wasm", "--entrypoint", ENTRYPOINT]
        command += ["--capabilities", capabilities_path(room).resolve(), "--output", archive, "."]
        run = subprocess.run(command, cwd=rules, capture_output=True, text=True, check=False, timeout=300)
        if run.returncode != 0:
            raise BadInput("policy-build-failed", output=(run.stdout + run.stderr).strip())
        with tarfile.open(archive) as tar:
            member = tar.extractfile("/policy.wasm")
            return b"" if member is None else member.read()


def write_bundle(opa: Path, folder: Path = ROOM / "bundle") -> str:
    """Compile the rules beside ``folder`` and put build and manifest into it, where they are committed.

    Returns:
        The revision.

    Raises:
        BadInput: as ``compile_rules``.
    """
    room = folder.parent
    wasm = compile_rules(opa, room=room)
    manifest = _manifest_of(read_sources(room), capabilities_path(room).read_bytes(), wasm)
    folder.mkdir(exist_ok=True)
    (room / _WASM).write_bytes(wasm)
    (room / _MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    revision: str = manifest["revision"]
    return revision


def check_opa(opa: Path) -> None:
    """Refuse an Open Policy Agent of another version than the pinned one.

    Raises:
        BadInput: there is none, or of another version.
    """
    try:
        run = subprocess.run([opa, "version"], capture_output=True, text=True, check=False, timeout=60)
    except OSError:
        raise BadInput("opa-missing", version=OPA_VERSION) from None
    if f"Version: {OPA_VERSION}" not in run.stdout.splitlines():
        raise BadInput("opa-version", version=OPA_VERSION)


def write_sources(sources: Mapping[str, bytes], folder: Path) -> None:
    """Lay out rule files as a bundle folder."""
    for name, content in sources.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _manifest_of(sources: Mapping[str, bytes], capabilities: bytes, wasm: bytes) -> dict[str, Any]:
    rules: dict[str, Any] = {
        "opa": OPA_VERSION,
        "entrypoint": ENTRYPOINT,
        "capabilities": hashlib.sha256(capabilities).hexdigest(),
        "sources": {name: hashlib.sha256(content).hexdigest() for name, content in sources.items()},
    }
    return {
        "format": _FORMAT,
        **rules,
        "revision": hashlib.sha256(rfc8785.dumps(rules)).hexdigest(),
        "wasm": hashlib.sha256(wasm).hexdigest(),
    }


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except OSError:
        raise CheckFailed("policy-bundle-missing", file=_MANIFEST) from None
    except (ValueError, RecursionError):
        raise CheckFailed("policy-bundle-changed", file=_MANIFEST) from None
    if not isinstance(manifest, dict):
        raise CheckFailed("policy-bundle-changed", file=_MANIFEST)
    return manifest


def _named(error: OSError, room: Path) -> str:
    path = Path(str(error.filename))
    return path.relative_to(room).as_posix() if path.is_relative_to(room) else path.name
