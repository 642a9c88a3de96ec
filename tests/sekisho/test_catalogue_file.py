"""A dataset is added to a department's file without touching what is there."""

from __future__ import annotations

import pytest

from governance import located_yaml
from governance.errors import BadInput
from sekisho.catalogue_file import with_dataset

BLOCK = ["  a.two:", "    label: {ja: 二, en: two}"]


@pytest.mark.parametrize(
    "text",
    [
        "department: a\ndatasets: {}\n",
        "department: a\ndatasets:   {}   # none yet\nsource: {kind: files, path: a}\n",
        "department: a\ndatasets:\n  a.one:\n    label: {ja: 一, en: one}  # datasets: of old\n",
        "department: a\ndatasets:  # all of them\n  a.one:\n    label: {ja: 一, en: one}\n\n# the source\nsource: {kind: files, path: a}\n",
    ],
    ids=["empty", "empty and not last", "one", "one and not last"],
)  # fmt: skip
def test_one_dataset_more_and_nothing_else(text: str) -> None:
    """Read again, the file has what it had and the dataset; its comments are there still."""
    old = located_yaml.load(text, file="a.yaml").data
    changed = with_dataset(text, BLOCK)
    new = located_yaml.load(changed, file="a.yaml").data
    assert new["datasets"].pop("a.two") == {"label": {"ja": "二", "en": "two"}}
    assert new == old
    assert all(line in changed for line in text.splitlines() if line.startswith("#"))


@pytest.mark.parametrize("text", ["department: a\n", "datasets: {a.one: {label: {ja: 一, en: one}}}\n"])
def test_a_file_of_another_shape_is_left_to_people(text: str) -> None:
    """Without a block of datasets nothing is guessed."""
    with pytest.raises(BadInput) as caught:
        with_dataset(text, BLOCK)
    assert caught.value.code == "catalogue-datasets-inline"
