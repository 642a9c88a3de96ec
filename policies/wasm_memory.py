"""How much memory a WebAssembly build wants to begin with.

OPA writes it into the import of ``env.memory``: what its texts need, in pages of 64 KiB. The library that runs the
build offers two pages and refuses a build that wants more, so the engine reads the number and offers what is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator

import opapywasm.runtime

from governance.errors import CheckFailed

_IMPORTS = 2
_MEMORY = 2
_MOST_PAGES = 64
"""4 MiB of texts: rules that want more are not ours."""


def offer_memory(wasm: bytes) -> None:
    """Have the library begin with as many pages as a build wants; never with fewer than before.

    Raises:
        CheckFailed: the build is none, or wants more than rules ever need.
    """
    wanted = pages_wanted(wasm)
    if wanted > _MOST_PAGES:
        raise CheckFailed("policy-bundle-unusable")
    runtime = opapywasm.runtime
    # The library has no setting for it (1.2.1).
    runtime._DEFAULT_MEMORY_PAGES = max(runtime._DEFAULT_MEMORY_PAGES, wanted)  # noqa: SLF001


def pages_wanted(wasm: bytes) -> int:
    """The least pages of the memory that a build imports; 0 where it imports none.

    Raises:
        CheckFailed: the bytes are no WebAssembly module.
    """
    try:
        for section, content in _sections(wasm):
            if section == _IMPORTS:
                return _memory_of(content)
    except IndexError:
        raise CheckFailed("policy-bundle-unusable") from None
    return 0


def _sections(wasm: bytes) -> Iterator[tuple[int, bytes]]:
    if wasm[:8] != b"\x00asm\x01\x00\x00\x00":
        raise CheckFailed("policy-bundle-unusable")
    at = 8
    while at < len(wasm):
        section = wasm[at]
        size, at = _number(wasm, at + 1)
        yield section, wasm[at : at + size]
        at += size


def _memory_of(content: bytes) -> int:
    """The import section: module and name as texts, then what is imported: function, table, memory or global."""
    count, at = _number(content, 0)
    for _ in range(count):
        for _name in range(2):
            length, at = _number(content, at)
            at += length
        kind, at = content[at], at + 1
        if kind == _MEMORY:
            return _number(content, at + 1)[0]
        if kind == 0:
            _, at = _number(content, at)
        elif kind == 1:
            has_most, at = content[at + 1], at + 2
            for _limit in range(1 + (has_most & 1)):
                _, at = _number(content, at)
        else:
            at += 2
    return 0


def _number(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
