"""障害福祉課: who holds which certificate (手帳), which services are granted, who is in psychiatric outpatient care."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reference.akishima.city.days import BASE_DATE, years_before
from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.register import Person

_HELD = {
    "身体": ((18, 0.0035), (65, 0.016), (200, 0.068)),
    "愛の手帳": ((18, 0.018), (65, 0.009), (200, 0.0035)),
    "精神": ((18, 0.0015), (65, 0.0175), (200, 0.007)),
}
"""Kind → shares of those below an age: 2.8 %, 0.9 % and 1.3 % of all, 2.3 % of minors."""

_GRADES = {
    "身体": Weighted((("1級", 32.0), ("2級", 15.0), ("3級", 17.0), ("4級", 24.0), ("5級", 6.0), ("6級", 6.0))),
    "愛の手帳": Weighted((("1度", 4.0), ("2度", 25.0), ("3度", 24.0), ("4度", 47.0))),
    "精神": Weighted((("1級", 7.0), ("2級", 56.0), ("3級", 37.0))),
}
HEAVY = {"身体": ("1級", "2級"), "愛の手帳": ("1度", "2度"), "精神": ("1級",)}
"""Kind → grades that count as heavy (重度)."""

_NAMES = {
    "身体": ("上肢機能障害", "下肢機能障害", "体幹機能障害", "聴覚障害", "視覚障害", "心臓機能障害", "腎臓機能障害"),
    "愛の手帳": ("知的障害",),
    "精神": ("気分障害", "統合失調症", "てんかん", "発達障害", "不安障害"),
}
_OUTPATIENT_WITH_HANDBOOK = 0.7
_OUTPATIENT_WITHOUT = 0.0078
"""Together about 2 % of those aged 18 to 64."""

_ADULT_SERVICES = Weighted((("居宅介護", 34.0), ("短期入所", 8.0), ("生活介護", 26.0), ("就労継続支援", 26.0),
                            ("施設入所支援", 6.0)))  # fmt: skip
_CHILD_SERVICES = Weighted((("放課後等デイサービス", 78.0), ("短期入所", 6.0), ("居宅介護", 4.0)))
_HOURS = frozenset({"居宅介護"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Handbook:
    """One 手帳. ``expires_on`` is for 精神 alone; a returned one stays in the file."""

    person: Person
    number: str
    kind: str
    grade: str
    disability: str
    issued_on: date
    expires_on: date | None
    returned_on: date | None

    @property
    def heavy(self) -> bool:
        """Whether the grade counts as heavy."""
        return self.grade in HEAVY[self.kind]

    def valid_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        ended = self.expires_on is not None and self.expires_on < day
        return not ended and (self.returned_on is None or self.returned_on > day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One decision: a service, psychiatric outpatient care, or the allowance for a disabled child."""

    person: Person
    number: str
    service: str
    amount: int | None
    outpatient: bool
    allowance: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Disability:
    """The section's two files."""

    handbooks: tuple[Handbook, ...]
    services: tuple[Service, ...]


def disabilities(draw: Draw, persons: Sequence[Person]) -> Disability:
    """Certificates and decisions of everybody on the register, of some who have moved out or died too."""
    handbooks: list[Handbook] = []
    services: list[Service] = []
    for person in persons:
        held = [
            kind for kind, rates in _HELD.items() if draw.chance(next(r for below, r in rates if person.age < below))
        ]
        for kind in held:
            handbooks.append(_handbook(draw, person, kind, number=len(handbooks)))
        psychiatric = "精神" in held
        rate = _OUTPATIENT_WITH_HANDBOOK if psychiatric else _OUTPATIENT_WITHOUT if 18 <= person.age < 65 else 0.0
        if rate and draw.chance(rate):
            services.append(_service(draw, person, "", number=len(services), outpatient=True))
        if person.age < 18:
            if draw.chance(0.72 if held else 0.012):
                # 受給者証 is also given without a 手帳.
                service = "児童発達支援" if person.age < 6 else draw.weighted(_CHILD_SERVICES)
                services.append(_service(draw, person, service, number=len(services)))
            if held and draw.chance(0.45):
                level = "1級" if draw.chance(0.4) else "2級"
                services.append(_service(draw, person, "", number=len(services), allowance=level))
        elif held and draw.chance(0.3 if person.age < 65 else 0.12):
            services.append(_service(draw, person, draw.weighted(_ADULT_SERVICES), number=len(services)))
    return Disability(handbooks=tuple(handbooks), services=tuple(services))


def _handbook(draw: Draw, person: Person, kind: str, *, number: int) -> Handbook:
    ago = draw.between(30, min(20, max(person.age, 1)) * 365)
    issued = BASE_DATE - timedelta(days=ago)
    expires = returned = None
    if kind == "精神":
        # Two years; renewed with the same number, so the file shows the current term. Some have run out.
        start = BASE_DATE - timedelta(days=draw.between(1, 729))
        if draw.chance(0.12):
            start = BASE_DATE - timedelta(days=draw.between(732, 1400))
        issued = max(start, person.birth)
        expires = years_before(issued, -2) - timedelta(days=1)
    elif draw.chance(0.02):
        returned = issued + timedelta(days=draw.between(1, ago))
    return Handbook(
        person=person,
        number=f"{number + 1:07}",
        kind=kind,
        grade=draw.weighted(_GRADES[kind]),
        disability=draw.pick(_NAMES[kind]),
        issued_on=issued,
        expires_on=expires,
        returned_on=returned,
    )


def _service(
    draw: Draw, person: Person, service: str, *, number: int, outpatient: bool = False, allowance: str = "なし"
) -> Service:
    start = BASE_DATE - timedelta(days=draw.between(1, 364))
    if draw.chance(0.05):
        start -= timedelta(days=365)
    amount = None
    if service:
        amount = draw.between(10, 120) if service in _HOURS else draw.between(2, 23)
    return Service(
        person=person,
        number=f"{number + 1:010}",
        service=service,
        amount=amount,
        outpatient=outpatient,
        allowance=allowance,
        valid_from=start,
        valid_to=start + timedelta(days=364),
    )


def supply_unit(service: str) -> str:
    """時間 for help at home, 日 for the rest, blank for what has no amount."""
    if not service:
        return ""
    return "時間" if service in _HOURS else "日"
