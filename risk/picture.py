"""The distribution of scores as a picture (SVG), with the threshold; nothing in it is fetched from anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from html import escape

_WIDTH, _HEIGHT, _MARGIN, _TITLE = 420, 160, 34, 28
_FONT = 'font-family="BIZ UDGothic, Noto Sans CJK JP, sans-serif" font-size="12"'


def distribution_svg(
    scores: Mapping[str, Iterable[Fraction]],
    *,
    thresholds: Mapping[str, Fraction],
    titles: Mapping[str, str],
    caption: str,
    threshold_word: str,
) -> str:
    """One histogram a purpose: persons by score above zero, and a line at the threshold.

    Args:
        scores: purpose → the scores of all persons judged.
        thresholds: purpose → the lowest score that is looked at.
        titles: purpose → what stands above its histogram.
        caption: what stands below everything, such as a notice that the data is synthetic.
        threshold_word: what the line is called.
    """
    height = (_HEIGHT + _TITLE + _MARGIN) * len(scores) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH + 2 * _MARGIN}" height="{height}" {_FONT}>',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for position, (purpose, found) in enumerate(scores.items()):
        top = position * (_HEIGHT + _TITLE + _MARGIN)
        parts += _histogram(
            Counter(int(score) for score in found if score > 0),
            threshold=thresholds.get(purpose),
            title=titles[purpose],
            word=threshold_word,
            top=top,
        )
    parts += [f'<text x="{_MARGIN}" y="{height - 10}">{escape(caption)}</text>', "</svg>"]
    return "\n".join(parts) + "\n"


def _histogram(counts: Counter[int], *, threshold: Fraction | None, title: str, word: str, top: int) -> Iterable[str]:
    base = top + _TITLE + _HEIGHT
    most, last = max(counts.values(), default=1), max(counts, default=1)
    step = _WIDTH / (last + 1)
    yield f'<text x="{_MARGIN}" y="{top + 18}" font-weight="bold">{escape(title)}</text>'
    for score in range(last + 1):
        left, tall = _MARGIN + score * step, _HEIGHT * 0.85 * counts[score] / most
        if counts[score]:
            yield (
                f'<rect x="{left + 1:.1f}" y="{base - tall:.1f}" width="{max(1.0, step - 2):.1f}" height="{tall:.1f}" '
                'fill="#4a6fa5"/>'
            )
            yield (
                f'<text x="{left + step / 2:.1f}" y="{base - tall - 3:.1f}" text-anchor="middle" font-size="9">'
                f"{counts[score]:,}</text>"
            )
        yield f'<text x="{left + step / 2:.1f}" y="{base + 14}" text-anchor="middle">{score}</text>'
    if threshold is not None:
        at = _MARGIN + float(threshold) * step
        yield f'<line x1="{at:.1f}" y1="{top + _TITLE}" x2="{at:.1f}" y2="{base}" stroke="#b00020" stroke-width="2"/>'
        said = f"{escape(word)} {float(threshold):g}"
        yield f'<text x="{at + 4:.1f}" y="{top + _TITLE + 12}" fill="#b00020">{said}</text>'
