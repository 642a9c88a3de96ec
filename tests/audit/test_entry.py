"""Entries: canonical bytes, a closed schema without free text, and nothing but the documented errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import jsonschema_rs
import pytest
import rfc8785
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from audit.encoding import MAX_SIDECAR_BYTES, encode_entry, encode_sidecar, sidecar_digest
from audit.entry import KINDS, MAX_ENTRY_BYTES, entry_schema, parse_entry
from governance.errors import BadInput
from tests.audit.samples import (
    approval,
    decision,
    denial,
    every_kind,
    genesis,
    policy_first,
    refusal,
    release,
    signing_decision,
)

SAMPLES = [genesis(), *every_kind(), *policy_first(11)]

Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value inside a document, with the way to it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))
    yield path, value


def changed(document: Any, path: Path, value: Any) -> Any:
    """A copy of a document with another value at a place."""
    if not path:
        return value
    copy: Any = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = changed(document[path[0]], path[1:], value)
    return copy


STRINGS = [
    (sample, path)
    for sample in SAMPLES
    for path, value in places(sample)
    if isinstance(value, str) and path != ("kind",)
]
NUMBERS = [
    (sample, path)
    for sample in SAMPLES
    for path, value in places(sample)
    if isinstance(value, int) and not isinstance(value, bool)
]
MAPPINGS = [(sample, path) for sample in SAMPLES for path, value in places(sample) if isinstance(value, dict)]


def accepts(document: Any) -> bool:
    """Whether a document may be written; any error but the documented one fails the test."""
    try:
        encode_entry(document)
    except BadInput:
        return False
    return True


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s["kind"])
def test_entries_of_every_kind_are_read_back(sample: dict[str, Any]) -> None:
    """What was written is what is read, and the bytes are RFC 8785's."""
    body = encode_entry(sample)
    assert body == rfc8785.dumps(sample)
    assert parse_entry(body) == sample


def test_every_kind_has_a_sample() -> None:
    """The tests of this module are about all kinds that there are."""
    assert {sample["kind"] for sample in SAMPLES} == set(KINDS) == set(entry_schema()["$defs"]) & set(KINDS)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s["kind"])
def test_the_published_schema_says_the_same(sample: dict[str, Any]) -> None:
    """The schema file as a whole, as a stranger would use it, accepts each sample and no sample with a field more."""
    validator = jsonschema_rs.Draft202012Validator(dict(entry_schema()))
    assert validator.is_valid(sample)
    assert not validator.is_valid({**sample, "note": "x"})


# --- no free text -----------------------------------------------------------------------------------------------------


@given(st.text(max_size=40))
@settings(max_examples=150)
def test_random_text_is_refused_at_every_string(text: str) -> None:
    """Whatever string of the schema is replaced by text of any script, the entry is refused.

    Left out is text that happens to be a name: nothing but ASCII letters, digits and separators.
    """
    assume(not re.fullmatch(r"[A-Za-z0-9._:/-]*", text))
    for sample, path in STRINGS:
        assert not accepts(changed(sample, path, text))


@pytest.mark.parametrize(
    "text",
    [
        "山田太郎", "ヤマダ タロウ", "昭島市田中町1-17-1", "0123456789", "123456789012", "1970-01-01", "090-1234-5678",
        "Yamada Taro", "taro@example.jp", "SELECT 1", "a'b", 'a"b', "a\\b", "a\nb", "a\n", "x" * 129, "女", "Ｋ", "\u2028",
    ],
)  # fmt: skip
def test_names_of_persons_and_values_of_queries_are_refused_at_every_string(text: str) -> None:
    """A name, an address, a number of a person, a date, a sentence or SQL fits nowhere.

    The epoch of pseudonyms is a word of the guideline, such as 2023-h1, and may look like a date or a telephone number.
    """
    for sample, path in STRINGS:
        is_an_epoch = path == ("pseudonyms", "epoch") and text in ("1970-01-01", "090-1234-5678")
        assert accepts(changed(sample, path, text)) == is_an_epoch


@pytest.mark.parametrize("key", ["comment", "山田太郎", "0123456789", "", "s0", "S1", "Kaigo", "a b"])
def test_no_mapping_takes_a_free_key(key: str) -> None:
    """Neither a further field nor a further key of a map can carry text.

    Cells are counted by department, erased things by kind, and criteria and answers stand by purpose, so a key of the
    form of a name is one there; its value is a number or a digest all the same.
    """
    for sample, path in MAPPINGS:
        mapping: Any = sample
        for step in path:
            mapping = mapping[step]
        is_a_name = path in (("cells",), ("rules",), ("releases",), ("counts",), ("facts",)) and key in (
            "comment",
            "s0",
        )
        value = "text" if is_a_name else next(iter(mapping.values()), None)
        assert not accepts(changed(sample, path, {**mapping, key: value}))


def strings_of_schema(schema: Any, *, name: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every subschema that admits a string by type, with where it stands."""
    if isinstance(schema, dict):
        if schema.get("type") == "string" and not name.endswith(("then/properties", "else/properties")):
            yield name, schema
        for key, value in schema.items():
            yield from strings_of_schema(value, name=f"{name}/{key}" if key != "description" else name)
    elif isinstance(schema, list):
        for value in schema:
            yield from strings_of_schema(value, name=name)


def test_every_string_of_the_schema_has_a_pattern_with_both_ends_and_a_length() -> None:
    """No subschema admits an open string; the conditions (``then``) only narrow what has a pattern already."""
    found = [
        (name, schema)
        for name, schema in strings_of_schema(entry_schema())
        if "/then" not in name and "/else" not in name
    ]
    assert len(found) >= 12
    for name, schema in found:
        pattern = schema["pattern"]
        assert pattern.startswith("^"), name
        assert pattern.endswith("$"), name
        unbounded = re.search(r"[*+]|\{\d+,\}", re.sub(r"\[[^\]]*\]|\\.", "", pattern))
        assert not unbounded or schema["maxLength"] <= 128, name


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1.0, 0.5, -1, float("nan"), float("inf"), 2**53, True, "1", None])
def test_nothing_but_integers_is_a_number(number: Any) -> None:
    """Floats (whole ones too), negative and huge numbers, booleans and digits in quotes are refused at every number;
    null is accepted only where a refusal may refer to no decision, a package may hold no sensitive item, or nobody can
    say how many persons there are at most.
    """
    for sample, path in NUMBERS:
        may_be_null = (sample["kind"], path) in (
            ("refusal", ("decision",)),
            ("package", ("l",)),
            ("incident", ("persons", "most")),
        )
        assert accepts(changed(sample, path, number)) == (number is None and may_be_null)


@pytest.mark.parametrize(
    "digits", ["33.0", "3.3e1", "33e0", "0.33E2", "NaN", "Infinity", "-Infinity", "1" * 5000, "033", "+33", "-0"]
)
def test_numbers_in_other_forms_are_refused(digits: str) -> None:
    """The bytes of a number are its digits."""
    body = encode_entry(release(1, decided=1)).replace(b'"rows":33', f'"rows":{digits}'.encode())
    with pytest.raises(BadInput):
        parse_entry(body)


# --- canonical bytes --------------------------------------------------------------------------------------------------


def _reversed(document: dict[str, Any]) -> bytes:
    return json.dumps(dict(reversed(document.items())), separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda body: b" " + body, id="space-before"),
        pytest.param(lambda body: body + b"\n", id="newline-after"),
        pytest.param(lambda body: body.replace(b",", b", ", 1), id="space-inside"),
        pytest.param(lambda body: body.replace(b'"rows":33', b'"rows": 33'), id="space-after-colon"),
        pytest.param(lambda body: b"\xef\xbb\xbf" + body, id="byte-order-mark"),
        pytest.param(lambda body: body.replace(b"center", b"\\u0063enter", 1), id="escape"),
        pytest.param(lambda body: body.replace(b"young_carer", b"young\\u005fcarer"), id="escaped-underscore"),
        pytest.param(lambda body: body[:-1] + b',"rows":33}', id="key-twice"),
        pytest.param(lambda body: body.replace(b'"rows":33', b'"rows":34,"rows":33'), id="key-twice-in-order"),
        pytest.param(lambda body: _reversed(json.loads(body)), id="other-order"),
        pytest.param(lambda body: body[:-1], id="cut"),
        pytest.param(lambda body: body + body, id="two"),
        pytest.param(lambda body: body.decode().encode("utf-16"), id="utf-16"),
        pytest.param(lambda body: b"[" + body + b"]", id="in-a-list"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda _: b"{}", id="empty-object"),
        pytest.param(lambda _: b"null", id="null"),
        pytest.param(lambda _: b"[" * 30_000, id="deep"),
        pytest.param(lambda _: b'{"a":' * 10_000, id="deep-objects"),
        pytest.param(lambda body: body.replace(b'"center"', b"[" * 900 + b"]" * 900, 1), id="deep-value"),
        pytest.param(lambda body: body.replace(b"center", b"\xe6\xb1\xba", 1), id="utf-8"),
        pytest.param(lambda body: body.replace(b"center", b"\xff", 1), id="no-utf-8"),
        pytest.param(lambda body: body.replace(b"center", b"\\ud800", 1), id="lone-surrogate"),
        pytest.param(lambda body: body.replace(b"center", b"cen\x00ter", 1), id="nul"),
        pytest.param(lambda body: body.replace(b"release", b"licence"), id="unknown-kind"),
        pytest.param(lambda body: body.replace(b'"release"', b'["release"]'), id="kind-in-a-list"),
        pytest.param(lambda body: body.replace(b'"v":1', b'"v":2'), id="another-version"),
        pytest.param(lambda body: body.replace(b'"v":1', b'"v":true'), id="version-true"),
        pytest.param(lambda body: body.replace(b'"v":1', b'"v":1.0'), id="version-as-float"),
    ],
)
def test_bytes_that_are_not_the_one_form_are_refused(spoil: Callable[[bytes], bytes]) -> None:
    """An entry has exactly one sequence of bytes."""
    body = encode_entry(release(1, decided=1))
    assert parse_entry(body)
    with pytest.raises(BadInput):
        parse_entry(spoil(body))


def test_an_entry_has_at_most_65535_bytes() -> None:
    """One byte more is refused, by writer and reader alike."""
    deny = [{"control": f"control-{'x' * 40}-{i:03d}", "on": f"s1.{'y' * 100}_{i:03d}"} for i in range(400)]
    with pytest.raises(BadInput, match="entry-too-long"):
        encode_entry(denial(1, deny=deny))
    largest = denial(1, deny=deny[:350])
    spare = MAX_ENTRY_BYTES - len(encode_entry(largest))
    assert spare >= 0
    with pytest.raises(BadInput, match="entry-too-long"):
        parse_entry(encode_entry(largest) + b" " * (spare + 1))


class _Kind(StrEnum):
    RELEASE = "release"


def test_any_mapping_and_sequence_is_written_as_plain_json() -> None:
    """Read-only mappings, tuples and string enums are what they hold."""
    plain = decision(1)
    fancy = MappingProxyType({**plain, "articles": tuple(plain["articles"]), "scans": MappingProxyType(plain["scans"])})
    assert encode_entry(fancy) == encode_entry(plain)
    assert parse_entry(encode_entry(release(1, decided=1, kind=_Kind.RELEASE)))["kind"] == "release"


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object(), 1j, {1: "x"}, range(3)])
def test_values_that_json_lacks_are_refused(value: Any) -> None:
    """Nothing is guessed into JSON."""
    assert not accepts(release(1, decided=1, cells=value))


def test_a_document_that_holds_itself_is_refused() -> None:
    """Endless nesting ends in the documented error."""
    entry = release(1, decided=1)
    entry["cells"] = entry
    assert not accepts(entry)


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(decision(1, granted_under=["single-hat"]), id="allow-without-every-grant"),
        pytest.param(decision(1, granted_under=[]), id="allow-without-a-grant"),
        pytest.param(decision(1, required=[], granted_under=[]), id="allow-that-nothing-was-required-for"),
        pytest.param(decision(1, required=[]), id="allow-without-requirements"),
        pytest.param(decision(1, deny=denial(1)["deny"]), id="allow-with-a-denial"),
        pytest.param(decision(1, articles=[]), id="allow-without-an-article"),
        pytest.param(decision(1, scans={}), id="allowed-query-without-scans"),
        pytest.param(decision(1, sql_digest=None), id="allowed-query-without-text"),
        pytest.param(decision(1, final_sql_digest=None), id="allowed-query-without-final-text"),
        pytest.param(decision(1, certificate_digest=None), id="allowed-query-without-certificate"),
        pytest.param(decision(1, pseudonyms=None), id="allowed-query-without-pseudonyms"),
        pytest.param(denial(1, deny=[]), id="deny-without-a-reason"),
        pytest.param(denial(1, articles=[]), id="deny-without-an-article"),
        pytest.param(denial(1, scans=decision(1)["scans"]), id="deny-with-scans"),
        pytest.param(denial(1, articles=[7, 7]), id="an-article-twice"),
        pytest.param(refusal(1, exit_status=3), id="a-denial-as-a-refusal"),
        pytest.param(refusal(1, exit_status=0), id="a-success-as-a-refusal"),
        pytest.param(approval(1, decided=1, state="maybe"), id="unknown-state"),
        pytest.param(release(1, decided=1, request=None), id="release-without-request"),
        pytest.param({**genesis(), "request": "0" * 32}, id="genesis-with-request"),
    ],
)
def test_records_that_contradict_themselves_are_refused(document: dict[str, Any]) -> None:
    """An allow that was not granted, a deny without a ground, and the like cannot be recorded (I2, I3, I6)."""
    assert not accepts(document)


@pytest.mark.parametrize("field", sorted({name for sample in SAMPLES for name in sample} - {"kind"}))
def test_no_field_may_be_left_out(field: str) -> None:
    """Every field of every kind is required, so that nothing is absent by mistake."""
    for sample in SAMPLES:
        if field in sample:
            assert not accepts({name: value for name, value in sample.items() if name != field})


@pytest.mark.parametrize(
    "time",
    [
        "2023-02-30T09:00:00+09:00", "2023-13-01T09:00:00+09:00", "2023-10-01T24:00:00+09:00", "2023-10-01T09:00:60+09:00",
        "2023-10-01T09:00:00", "2023-10-01 09:00:00+09:00", "2023-10-01", "1999-10-01T09:00:00+09:00",
        "2023-10-01T09:00:00.1234567+09:00", "2023-10-01T09:00:00+0900", "20231001T090000Z", "２０２３-10-01T09:00:00Z",
    ],
)  # fmt: skip
def test_times_in_other_forms_are_refused(time: str) -> None:
    """A time is a day that exists, a time of day and an offset."""
    assert not accepts(release(1, decided=1, time=time))
    assert not accepts(release(1, decided=1, clock=time))


@pytest.mark.parametrize(
    "time", ["2023-10-01T09:00:00Z", "2023-10-01T09:00:00.5-03:30", "2199-12-31T23:59:59.999999+14:00"]
)
def test_times_with_an_offset_are_accepted(time: str) -> None:
    """Z, any offset and fractions of a second are allowed."""
    assert accepts(release(1, decided=1, time=time))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"principal": "山田太郎"}, "principal"),
        ({"cells": {"山田太郎": 1}}, "cells"),
        ({"cells": {"kaigo": "山田太郎"}}, "cells"),
        ({"山田太郎": 1}, ""),
        ({"kind": "山田太郎"}, "kind"),
        ({"time": "2023-02-30T09:00:00Z"}, "time"),
    ],
)
def test_the_error_names_the_field_and_never_the_value(changes: dict[str, Any], field: str) -> None:
    """What is refused is named by the schema's own name; no part of the document is in the error (I7)."""
    with pytest.raises(BadInput) as refused:
        encode_entry(release(1, decided=1, **{key: value for key, value in changes.items() if key != "kind"}) | changes)
    assert refused.value.params == {"field": field}
    assert "山田" not in f"{refused.value} {refused.value.text('ja')} {refused.value.args}"


def test_actions_without_scans_are_recorded() -> None:
    """A decision on an approval asks no department and has neither scans nor a certificate."""
    assert accepts(signing_decision(1))


# --- any bytes --------------------------------------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.fuzz
@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_only_documented_errors_escape_from_any_bytes(body: bytes) -> None:
    """Whatever is handed in as an entry is refused as one."""
    with pytest.raises(BadInput):
        parse_entry(body)


@pytest.mark.fuzz
@given(st.sampled_from(SAMPLES), st.data())
def test_only_documented_errors_escape_from_spoiled_documents(sample: dict[str, Any], data: st.DataObject) -> None:
    """Whatever stands anywhere in an entry, it is accepted in the one form or refused with the documented error."""
    path, _ = data.draw(st.sampled_from(list(places(sample))))
    document = changed(sample, path, data.draw(json_values))
    try:
        body = encode_entry(document)
    except BadInput:
        return
    assert parse_entry(body) == json.loads(body)
    assert body == rfc8785.dumps(json.loads(body))


@pytest.mark.fuzz
@given(st.sampled_from(SAMPLES), st.data())
def test_bytes_that_are_accepted_are_canonical(sample: dict[str, Any], data: st.DataObject) -> None:
    """Bytes replaced anywhere: what is still read is RFC 8785's form of what was read, by an independent encoder."""
    body = encode_entry(sample)
    start = data.draw(st.integers(0, len(body)))
    stop = data.draw(st.integers(start, min(len(body), start + 3)))
    spoiled = body[:start] + data.draw(st.binary(max_size=3) | st.sampled_from([b"0", b"1", b"a", b" "])) + body[stop:]
    try:
        document = parse_entry(spoiled)
    except BadInput:
        return
    assert rfc8785.dumps(document) == spoiled


# --- sidecars ---------------------------------------------------------------------------------------------------------


def test_sidecars_are_named_by_the_digest_of_their_canonical_bytes() -> None:
    """The order of keys does not matter; the text may be anything, for it is checked where it is made."""
    document = {"b": "記録", "a": [1, {"d": None, "c": True}]}
    assert encode_sidecar(document) == '{"a":[1,{"c":true,"d":null}],"b":"記録"}'.encode()
    assert sidecar_digest(document) == sidecar_digest(dict(reversed(document.items())))
    assert re.fullmatch("[0-9a-f]{64}", sidecar_digest(document))


def test_sidecars_have_a_limit() -> None:
    """One byte more than a mebibyte is refused."""
    overhead = len(encode_sidecar({"a": ""}))
    assert len(encode_sidecar({"a": "x" * (MAX_SIDECAR_BYTES - overhead)})) == MAX_SIDECAR_BYTES
    with pytest.raises(BadInput, match="sidecar-too-long"):
        encode_sidecar({"a": "x" * (MAX_SIDECAR_BYTES - overhead + 1)})


@pytest.mark.parametrize("value", [0.5, 2**60, "\ud800", b"x", {1: 2}])
def test_sidecars_hold_plain_json_without_floats(value: Any) -> None:
    """What two encoders could write differently is refused."""
    with pytest.raises(BadInput, match="entry-malformed"):
        encode_sidecar({"a": value})
