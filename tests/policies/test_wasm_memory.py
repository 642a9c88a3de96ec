"""A build that wants more memory than the library offers by itself runs all the same; what is no build is refused."""

from __future__ import annotations

import opapywasm.runtime
import pytest

from governance.errors import CheckFailed
from policies.bundle import load_bundle
from policies.wasm_memory import offer_memory, pages_wanted

_HEAD = b"\x00asm\x01\x00\x00\x00"


def _importing(*imports: bytes) -> bytes:
    content = bytes([len(imports)]) + b"".join(imports)
    return _HEAD + b"\x00\x02\x01x" + b"\x02" + bytes([len(content)]) + content


def _import(kind: bytes, *, name: bytes = b"memory") -> bytes:
    return b"\x03env" + bytes([len(name)]) + name + kind


def test_the_committed_build_wants_what_is_offered() -> None:
    """OPA's own number, of the build that is delivered."""
    wanted = pages_wanted(load_bundle().wasm)
    assert 1 <= wanted <= 64


@pytest.mark.parametrize(
    ("imports", "pages"),
    [
        ((_import(b"\x02\x00\x03"),), 3),
        ((_import(b"\x02\x01\x83\x01\x90\x02"),), 131),
        ((_import(b"\x00\x05", name=b"f"), _import(b"\x01\x70\x01\x01\x02", name=b"t"), _import(b"\x02\x00\x07")), 7),
        ((_import(b"\x03\x7f\x00", name=b"g"), _import(b"\x02\x00\x05")), 5),
        ((_import(b"\x00\x05", name=b"f"),), 0),
    ],
)
def test_pages_are_read_from_the_import_of_the_memory(imports: tuple[bytes, ...], pages: int) -> None:
    """Whatever else is imported before it."""
    assert pages_wanted(_importing(*imports)) == pages


def test_the_library_begins_with_as_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """And never with fewer than another build in this process wanted."""
    monkeypatch.setattr(opapywasm.runtime, "_DEFAULT_MEMORY_PAGES", 2)
    offer_memory(_importing(_import(b"\x02\x00\x05")))
    offer_memory(_importing(_import(b"\x02\x00\x03")))
    assert opapywasm.runtime._DEFAULT_MEMORY_PAGES == 5


@pytest.mark.parametrize(
    "wasm",
    [
        b"",
        b"\x00asm",
        b"no module at all",
        _importing(_import(b"\x02\x00\x03"))[:-2],
        _importing(_import(b"\x02\x00\xff\x7f")),
    ],
)
def test_what_is_no_build_of_rules_is_refused(wasm: bytes) -> None:
    """Cut, foreign, or hungry for more than rules ever need."""
    with pytest.raises(CheckFailed) as caught:
        offer_memory(wasm)
    assert caught.value.code == "policy-bundle-unusable"
