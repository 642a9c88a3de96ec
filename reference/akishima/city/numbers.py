"""Synthetic numbers of persons: 宛名番号, 世帯番号, 被保険者番号, and 個人番号 that are invalid as real ones."""

from __future__ import annotations

from reference.akishima.city.draw import Draw


def check_digit(digits: str) -> int:
    """The check digit of the first eleven digits of an individual number (番号法施行規則 / 総務省令85号5条)."""
    total = sum(
        int(digit) * (place + 1 if place <= 6 else place - 5) for place, digit in enumerate(reversed(digits), start=1)
    )
    rest = total % 11
    return 0 if rest <= 1 else 11 - rest


def invalid_individual_number(draw: Draw) -> str:
    """Twelve digits whose check digit is always wrong, so that no real person's number can come out."""
    digits = "".join(str(draw.between(0, 9)) for _ in range(11))
    return digits + str((check_digit(digits) + draw.between(1, 9)) % 10)


def distinct_numbers(draw: Draw, *, count: int, low: int, high: int) -> list[str]:
    """``count`` different numbers of a range as ten digits with leading zeros, in no order."""
    seen: dict[int, None] = {}
    while len(seen) < count:
        seen[draw.between(low, high)] = None
    return [f"{number:010}" for number in seen]
