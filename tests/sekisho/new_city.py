"""A new deployment with a department's file in it, as the tests of registration use it (架空データ)."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sekisho.actions import Asker
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.new_deployment import NewDeployment, initialise

FILE = "watch.csv"
PARTS = (
    "rows", "resident_id", "name", "birth_date", "sex", "area", "resident_status", "item_07", "individual_number",
    "item_09",
)  # fmt: skip
"""Every part of the draft that is made from the file."""


def people(rows: int = 60) -> str:
    """A register of people to look in on, as a section keeps it; nobody in it exists."""
    draw = random.Random(3)
    lines = ["宛名番号,氏名,生年月日,性別,町名,異動状態,支援措置,番号2,訪問回数"]
    for at in range(rows):
        year, town = draw.randrange(5, 30), draw.choice("一二")
        lines.append(
            f"{1000 + at},架空{at}郎,S{year}.{draw.randrange(1, 13)}.{draw.randrange(1, 28)},{draw.choice('男女')},"
            f"見本町{town}丁目,現存,{draw.choice(['', '', '', '有'])},{['123456789018', '111111111118'][at % 2]},"
            f"{draw.randrange(4)}"
        )
    return "\n".join(lines) + "\n"


def new_city(folder: Path) -> Path:
    """A new deployment of two departments, one of which has a file."""
    initialise(
        folder, NewDeployment(name="sample", label="見本市", departments={"fukushi": "福祉課", "bosai": "防災課"})
    )
    (folder / "departments" / "fukushi" / FILE).write_text(people(), encoding="cp932")
    return folder


def asker(deployment: Deployment, broker: Broker, account: str) -> Asker:
    """An account with a token of just now."""
    return broker.asker(deployment.issuer.issue(deployment.principals[account], now=deployment.clock()), hat=None)


def today() -> datetime:
    """Now, where the deployment is."""
    return datetime.now(tz=ZoneInfo("Asia/Tokyo"))
