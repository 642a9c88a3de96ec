"""Forms of columns in the words of the office."""

from __future__ import annotations

from collections.abc import Mapping

from governance.forms import Form, FormKind

_FORMS: Mapping[FormKind, str] = {
    "pseudonym": "仮の番号に置き換える",
    "flag": "有無だけにする",
    "ordinal": "段階だけにする",
    "count": "回数",
    "band": "区分にまとめる",
    "year": "年だけにする",
    "year_month": "年月だけにする",
    "grade": "学年だけにする",
    "town": "町名だけにする",
    "raw": "そのまま",
    "match": "照合だけに使う",
}


def form_words(form: Form) -> str:
    """What becomes of a column in a form."""
    said = _FORMS[form.kind]
    if form.ceiling is not None:
        said += f"（{form.ceiling}以上はまとめる）"
    if form.borders:
        said += f"（{'・'.join(_day(border) for border in form.borders)}で区切る）"
    return said if form.leaves else f"{said}（課の中の絞り込みだけに使い、出ない）"


def _day(border: str) -> str:
    month, _, day = border.partition("-")
    return f"{int(month)}月{int(day)}日"
