"""Receipts and letters about requests of persons: one wording for each, which says nothing of what was found.

A refusal does not say whether there is a record: it is the same letter where nothing is on record and where something
is that could put somebody in danger. Its wording is the guideline's.
"""

from __future__ import annotations

from collections.abc import Mapping

from governance.errors import Lang
from sekisho.exports import japanese_date
from sekisho.subject_requests import Right, SubjectRequest

_RIGHTS: Mapping[Lang, Mapping[Right, str]] = {
    "ja": {"disclosure": "開示", "correction": "訂正", "suspension": "利用停止"},
    "en": {"disclosure": "disclosure", "correction": "correction", "suspension": "suspension of use"},
}


def right_name(right: Right, lang: Lang) -> str:
    """The right that is exercised, as people call it."""
    return _RIGHTS[lang][right]


def receipt(request: SubjectRequest, *, notice: str | None) -> str:
    """What the desk hands out. It depends on the number, the right and the day alone."""
    lines = [
        "# 受付票",
        "",
        *([f"（{notice}）", ""] if notice else []),
        f"- 文書番号　{request.number}",
        f"- 受け付けた日　{japanese_date(request.received_on)}",
        f"- 求めの種類　{right_name(request.right, 'ja')}",
        f"- 回答する日　{japanese_date(request.due)}",
        "",
        "回答は、文書で、上の日にお送りします。期限を延ばすときは、その前にお知らせします。",
        "受付の窓口では、お求めの情報の有無を含め、内容についてお答えすることはできません。",
    ]
    return "\n".join(lines) + "\n"


def letter(request: SubjectRequest, *, texts: Mapping[str, str], notice: str | None) -> str:
    """The decision as a letter to whoever asked. It depends on the request and the outcome alone.

    Args:
        texts: outcome → what the guideline has the letter say.
    """
    outcome = request.outcome or "refused"
    lines = [
        "# 決定の通知",
        "",
        *([f"（{notice}）", ""] if notice else []),
        f"- 文書番号　{request.number}",
        f"- 受け付けた日　{japanese_date(request.received_on)}",
        f"- 通知の日　{japanese_date(request.due)}",
        f"- 求めの種類　{right_name(request.right, 'ja')}",
        "",
        texts[outcome],
        "",
        "この決定に不服があるときは、この通知を受け取った日の翌日から3か月以内に、市長に審査請求をすることができます。",
        "（審査請求と訴えの教示の文は、発送する前に文書担当が確かめること。）",
    ]
    return "\n".join(lines) + "\n"
