"""What a pupil is called at school, which is not always what the register says."""

from __future__ import annotations

from functools import cache

import jaconv

from reference.akishima.city.names import vocabulary
from reference.akishima.city.register import Person

_FOLD = str.maketrans(
    {"髙": "高", "﨑": "崎", "德": "徳", "濵": "浜", "濱": "浜", "邊": "辺", "邉": "辺", "齋": "斎", "澤": "沢",
     "嶋": "島", "櫻": "桜", "廣": "広", "國": "国", "眞": "真", "惠": "恵", "𠮷": "吉"}
)  # fmt: skip


def name_at_school(person: Person) -> str:
    """The name that the school uses.

    That is 通称 where there is one. A child that a parent has brought into a marriage often keeps the former surname,
    and half of the schools' clerks write 高 for 髙.
    """
    if person.alias_name:
        return person.alias_name
    if keeps_old_surname(person):
        surnames = vocabulary()["surnames"]
        place = int(person.resident_id) % len(surnames)
        return f"{surnames[place][0]}　{person.name_kanji.partition('　')[2]}"
    return folded_name(person) or person.name_kanji


def keeps_old_surname(person: Person) -> bool:
    """Whether a stepchild is known at school under another surname than on the register."""
    return person.relation.endswith(("妻の子", "夫の子")) and int(person.resident_id) % 2 == 0


def folded_name(person: Person) -> str:
    """The name with common forms for variants, for every other person; blank for the others."""
    return person.name_kanji.translate(_FOLD) if int(person.resident_id) % 2 else ""


def kana_at_school(person: Person) -> str:
    """Full-width; family and given name apart by a space, a middle dot, or nothing, as each clerk types."""
    separator = (" ", "　", "・", "")[int(person.resident_id) % 4]
    return _wide(person.name_kana).replace(" ", separator)


@cache
def _wide(kana: str) -> str:
    return str(jaconv.h2z(kana, ascii=False, digit=False))
