"""障害福祉課: certificates and decisions as CP932 CSV, days in long 和暦 but for what was typed in by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from reference.akishima.city.days import (
    BASE_DATE,
    era_digits,
    wareki_kanji,
    wareki_long,
    wareki_short,
    wareki_slashes,
)
from reference.akishima.city.disability import Disability, Handbook, Service, supply_unit
from reference.akishima.city.planted import Plants
from reference.akishima.extracts.csv_files import Cell, flag, write_csv

HANDBOOK_FILE = "shofuku/handbook_202308.csv"
SERVICE_FILE = "shofuku/service_202308.csv"

HANDBOOK_HEADERS = ("宛名番号", "手帳番号", "手帳種別", "等級", "障害名", "交付日", "有効期限", "返還日")
SERVICE_HEADERS = (
    "宛名番号", "受給者証番号", "サービス種別", "支給量", "単位", "精神通院", "特別児童扶養手当", "有効開始",
    "有効終了",
)  # fmt: skip

_WIDE = str.maketrans("0123456789RHS./", "０１２３４５６７８９ＲＨＳ．／")

NOTATIONS: tuple[tuple[str, Callable[[date], str]], ...] = (
    ("R5.4.1", wareki_short),
    ("Ｒ５．４．１", lambda day: wareki_short(day).translate(_WIDE)),
    ("令和五年四月一日", wareki_kanji),
    ("5050401", era_digits),
    ("20230401", lambda day: f"{day:%Y%m%d}"),
    ("2023/4/1", lambda day: f"{day.year}/{day.month}/{day.day}"),
    ("R5/04/01", wareki_slashes),
)
"""How the same column has been filled in by hand over the years, as an example of each."""

_LATE = ((date(2019, 5, 1), "H31.5.1"), (date(1989, 1, 8), "昭和64年1月8日"), (date(2019, 5, 1), "令和元年5月1日"))
"""Days written in an era that was over, and the first year of an era."""


def write_handbooks(departments: Path, disability: Disability, plants: Plants) -> None:
    """One row a certificate, expired and returned ones included."""
    odd = _odd_days(disability.handbooks, plants)
    write_csv(
        departments / HANDBOOK_FILE,
        HANDBOOK_HEADERS,
        (_handbook(h, odd.get(h.number) or wareki_long(h.issued_on)) for h in disability.handbooks),
    )
    expired = next((h for h in disability.handbooks if h.expires_on and h.expires_on < BASE_DATE), None)
    if expired is not None:
        plants.add("B-15", dataset="shofuku.handbook", file=HANDBOOK_FILE, key=expired.person.resident_id,
                   what="有効期限の過ぎた精神の手帳")  # fmt: skip
    returned = next((h for h in disability.handbooks if h.returned_on), None)
    if returned is not None:
        plants.add("B-15", dataset="shofuku.handbook", file=HANDBOOK_FILE, key=returned.person.resident_id,
                   what="返還されたが載っている手帳")  # fmt: skip


def _odd_days(handbooks: Sequence[Handbook], plants: Plants) -> dict[str, str]:
    """手帳番号 → the day of issue as somebody wrote it, for certificates that have no term."""
    lasting = [h for h in handbooks if h.expires_on is None and h.returned_on is None]
    odd: dict[str, str] = {}
    for handbook, (example, write) in zip(lasting, NOTATIONS, strict=False):
        odd[handbook.number] = write(handbook.issued_on)
        plants.add("4.11-1", dataset="shofuku.handbook", file=HANDBOOK_FILE, key=handbook.person.resident_id,
                   what=f"交付日が {example} の書き方")  # fmt: skip
    old = [h for h in lasting if h.number not in odd and h.person.birth.year < 1985]
    for handbook, (_, written) in zip(old, _LATE, strict=False):
        odd[handbook.number] = written
        trap = "B-3" if "元" in written else "4.11-1"
        plants.add(trap, dataset="shofuku.handbook", file=HANDBOOK_FILE, key=handbook.person.resident_id,
                   what=f"交付日が {written}（改元をまたぐ書き方）")  # fmt: skip
    return odd


def _handbook(handbook: Handbook, issued: str) -> tuple[Cell, ...]:
    return (
        handbook.person.resident_id,
        handbook.number,
        handbook.kind,
        handbook.grade,
        handbook.disability,
        issued,
        wareki_long(handbook.expires_on) if handbook.expires_on else None,
        wareki_long(handbook.returned_on) if handbook.returned_on else None,
    )


def write_services(departments: Path, services: Sequence[Service]) -> None:
    """One row a decision."""
    write_csv(departments / SERVICE_FILE, SERVICE_HEADERS, map(_service, services))


def _service(row: Service) -> tuple[Cell, ...]:
    return (
        row.person.resident_id,
        row.number,
        row.service,
        row.amount,
        supply_unit(row.service),
        flag(row.outpatient),
        row.allowance,
        wareki_long(row.valid_from),
        wareki_long(row.valid_to),
    )
