"""Short sums of vectors are found in full, and dependences as sums that leave nothing."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from masking.short_vectors import ShortVectors, Unsearched, Whole


def vectors(seed: int, *, number: int, width: int, most: int = 9) -> Whole:
    """Small whole numbers."""
    return np.random.default_rng(seed).integers(-most, most + 1, (number, width))


def basis_of(rows: Whole) -> ShortVectors:
    """All rows, one after another."""
    found = ShortVectors(width=rows.shape[1], number=len(rows))
    for position, row in enumerate(rows):
        found.add(position, row)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_every_short_sum_is_found(seed: int) -> None:
    """All with coefficients up to four that are short are among them, up to their sign, and nothing long is."""
    rows = vectors(seed, number=4, width=6)
    found = {tuple(each.tolist()) for each in basis_of(rows).shorter_than(300.0, steps=100_000)}
    assert all(0 < ((np.array(each) @ rows) ** 2).sum() <= 300 for each in found)
    short = [
        each for each in product(range(-4, 5), repeat=4) if any(each) and ((np.array(each) @ rows) ** 2).sum() <= 300
    ]
    assert short
    assert all(each in found or tuple(-value for value in each) in found for each in short)


@pytest.mark.parametrize("seed", range(6))
def test_the_basis_is_one_of_the_same_sums(seed: int) -> None:
    """Its coefficients make it of the given vectors, and no other volume; dependent ones leave nothing, and are as many
    as there are too many.
    """
    rows = vectors(seed, number=5, width=8)
    given = np.concatenate([rows, rows[:1] + 2 * rows[1:2], rows[3:4] - rows[4:5], rows[2:3]])
    found = basis_of(given)
    basis = np.stack([coefficients for _, coefficients in found.basis()]) @ given
    assert [int(row @ row) for row in basis] == [round(length) for length, _ in found.basis()]
    assert found.rank == len(basis) == 5
    assert np.linalg.det((basis @ basis.T).astype(float)) == pytest.approx(np.linalg.det((rows @ rows.T).astype(float)))
    assert len(found.dependences) == 3
    assert not any((each @ given).any() for each in found.dependences)
    assert np.linalg.matrix_rank(np.stack(found.dependences)) == 3


@pytest.mark.parametrize("times", [2, 3, 4, 6])
def test_what_can_be_divided_is(times: int) -> None:
    """Of vectors whose parts are odd, a sum that is so many times another one leads to that one, and nothing leads to
    what is no sum of whole vectors.
    """
    odd = vectors(times, number=times + 1, width=40) * 2 + 1
    few, own = odd[0], odd[1:]
    found = basis_of(np.concatenate([own + few, own.sum(axis=0)[None]]))
    found.fill()
    rows = found.points(np.stack([coefficients for _, coefficients in found.basis()]))
    whole = np.stack([few, *own])
    made = np.linalg.lstsq(whole.T.astype(float), rows.T.astype(float), rcond=None)[0].T
    assert np.abs(made - np.round(made)).max() < 1e-6
    assert abs(round(float(np.linalg.det(np.round(made))))) == 1


def test_coefficients_that_grow_too_large_are_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not searched is not said to be."""
    monkeypatch.setattr("masking.short_vectors._LARGEST", 1)
    odd = vectors(3, number=4, width=40) * 2 + 1
    found = basis_of(np.concatenate([odd[1:] + odd[0], odd[1:].sum(axis=0)[None]]))
    with pytest.raises(Unsearched):
        found.fill()


def test_a_search_ends_at_its_limit() -> None:
    """What is not searched is not said to be."""
    with pytest.raises(Unsearched):
        list(basis_of(vectors(1, number=6, width=8)).shorter_than(10_000.0, steps=1_000))
