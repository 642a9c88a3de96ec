"""Rare people that every city of some size has, put in on purpose: the register is drawn, then changed in places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from reference.akishima.city.days import BASE_DATE
from reference.akishima.city.kinship import Home
from reference.akishima.city.planted import REGISTER_FILE, Plants
from reference.akishima.city.pyramid import FEMALE, MALE
from reference.akishima.city.register import Person

_OLD = ((date(1926, 12, 25), "昭和元年の初日"), (date(1926, 12, 24), "大正の最後の日"))
_GAIJI = (("𠮷田", "ﾖｼﾀﾞ"), ("辻󠄀", "ﾂｼﾞ"), ("髙橋", "ﾀｶﾊｼ"), ("山﨑", "ﾔﾏｻﾞｷ"))
_SIMILAR_TWINS = {
    (MALE, MALE): (("翔", "ｼｮｳ"), ("翼", "ﾂﾊﾞｻ")),
    (FEMALE, FEMALE): (("美月", "ﾐﾂﾞｷ"), ("美星", "ﾐﾎｼ")),
}


def plant_rare_people(persons: Sequence[Person], homes: Sequence[Home], plants: Plants) -> list[Person]:
    """The register with these changes; what there is no room for in a very small city is left out."""
    changed = list(persons)
    _old_people(changed, plants)
    _same_name_and_birthday(changed, homes, plants)
    _characters(changed, homes, plants)
    _similar_twins(changed, plants)
    _leaving_soon(changed, homes, plants)
    return changed


def _note(plants: Plants, *traps: str, person: Person, what: str) -> None:
    plants.add(*traps, dataset="shimin.resident", file=REGISTER_FILE, key=person.resident_id, what=what)


def _first(persons: Sequence[Person], wanted: Callable[[Person], bool], *, start: int = 0) -> int | None:
    return next((at for at in range(start, len(persons)) if wanted(persons[at])), None)


def _old_people(persons: list[Person], plants: Plants) -> None:
    start = 0
    for birth, what in _OLD:
        at = _first(persons, lambda p: p.age == 96 and p.status == "現存" and p.nationality == "日本", start=start)
        if at is None:
            return
        persons[at] = replace(persons[at], birth=birth, became_resident_on=max(persons[at].became_resident_on, birth))
        _note(plants, "4.11-2", person=persons[at], what=f"生年月日が{what}（{birth}）")
        start = at + 1


def _alone(person: Person, homes: Sequence[Home]) -> bool:
    home = homes[person.home]
    return home.shape == "single" and not home.facility and person.status == "現存" and person.nationality == "日本"


def _same_name_and_birthday(persons: list[Person], homes: Sequence[Home], plants: Plants) -> None:
    """Two people who live alone, strangers to each other."""
    first: dict[tuple[int, int], int] = {}
    for at, person in enumerate(persons):
        if not (30 <= person.age <= 60 and _alone(person, homes)):
            continue
        other = first.setdefault((person.sex, person.age), at)
        if other != at:
            twin = persons[other]
            persons[at] = replace(
                person,
                name_kanji=twin.name_kanji,
                name_kana=twin.name_kana,
                head_name=twin.head_name,
                birth=twin.birth,
                became_resident_on=max(person.became_resident_on, twin.birth),
            )
            for one in (twin, persons[at]):
                _note(plants, "4.11-14", "B-10", person=one, what="同姓同名で生年月日も同じ別人")
            return


def _characters(persons: list[Person], homes: Sequence[Home], plants: Plants) -> None:
    """The head of a family with children for each character, so that the name stands in the schools' files too."""
    used: set[int] = set()
    for surname, kana in _GAIJI:
        at = _first(
            persons,
            lambda p: p.home not in used and homes[p.home].shape == "couple" and p.relation == "世帯主"
            and p.nationality == "日本" and p.status == "現存"
            and any(7 <= m.age <= 14 and m.relation == "子" for m in homes[p.home].members),
        )  # fmt: skip
        if at is None:
            return
        used.add(persons[at].home)
        head = f"{surname}　{persons[at].name_kanji.partition('　')[2]}"
        place = at
        while place < len(persons) and persons[place].home == persons[at].home:
            member = persons[place]
            if member.nationality == "日本":
                given = member.name_kanji.partition("　")[2]
                reading = member.name_kana.partition(" ")[2]
                member = replace(member, name_kanji=f"{surname}　{given}", name_kana=f"{kana} {reading}")
            persons[place] = replace(member, head_name=head)
            place += 1
        if surname in {"𠮷田", "辻󠄀"}:
            _note(plants, "4.11-6", "B-6", person=persons[at], what="CP932 にない字（CSV では〓になる）")
        else:
            _note(plants, "4.11-6", "4.11-7", person=persons[at], what="CP932 の拡張文字、異体字")


def _similar_twins(persons: list[Person], plants: Plants) -> None:
    for at in range(1, len(persons)):
        elder, younger = persons[at - 1], persons[at]
        names = _SIMILAR_TWINS.get((elder.sex, younger.sex))
        if elder.home != younger.home or elder.birth != younger.birth or younger.age > 14:
            continue
        if names is not None and elder.nationality == younger.nationality == "日本":
            for place, (given, kana) in zip((at - 1, at), names, strict=True):
                person = persons[place]
                persons[place] = replace(
                    person,
                    name_kanji=f"{person.name_kanji.partition('　')[0]}　{given}",
                    name_kana=f"{person.name_kana.partition(' ')[0]} {kana}",
                )
        for place in (at - 1, at):
            _note(plants, "4.11-10", "B-9", person=persons[place], what="双子（生年月日・世帯・住所が同じ）")


def _leaving_soon(persons: list[Person], homes: Sequence[Home], plants: Plants) -> None:
    """転出予定者: the day of leaving is written down, and has not come yet."""
    at = _first(persons, lambda p: _alone(p, homes) and 25 <= p.age <= 40)
    if at is not None:
        persons[at] = replace(persons[at], moved_out_on=BASE_DATE + timedelta(days=20))
        _note(plants, "4.11-12", person=persons[at], what="転出予定者（転出日が先の日で、まだ現存）")
