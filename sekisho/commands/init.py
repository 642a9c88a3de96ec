"""``sekisho init``: a new, empty deployment, with what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from governance.errors import BadInput
from sekisho.new_deployment import NewDeployment, initialise
from sekisho.options import chosen, shared_options


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--department",
    "departments",
    multiple=True,
    metavar="ID=LABEL",
    help="A department that holds data, such as kaigo=介護福祉課; may be repeated.",
)
@click.option("--name", default="city", show_default=True, metavar="NAME", help="Short name in ASCII.")
@click.option("--label", default="データ連携", show_default=True, metavar="LABEL", help="Name for people.")
@shared_options
@click.pass_context
def command(context: click.Context, *, folder: Path, departments: tuple[str, ...], name: str, label: str) -> None:
    """Make a new, empty deployment: settings, a neutral guideline (a draft), example accounts, keys, a ledger."""
    options = chosen(context)
    new = NewDeployment(name=name, label=label, departments=dict(_departments(departments)))
    initialise(folder, new)
    terminal = options.terminal()
    if options.format == "json":
        terminal.document({"init": {"folder": str(folder), "name": name, "departments": sorted(new.departments)}})
    terminal.say(
        ja=f"○ {folder} に新しい環境をつくりました。データはまだなく、ガイドラインは案（未承認）です。\n"
        "次にすること（詳しくは docs/first-dataset.ja.md）:\n"
        f"  1. {folder}/principals.yaml のアカウントを、実際の職員に合わせて直す\n"
        f"  2. {folder}/guideline/ の条文と表を、市の事業に合わせて直す（利用目的、別表2、支援措置の登録を持つ課）\n"
        f"  3. export SEKISHO_DEPLOYMENT={folder}\n"
        "  4. 総括保護管理者が承認する: sekisho token issue cpo; sekisho --as cpo guideline approve\n"
        f"  5. 保有課のファイルを {folder}/departments/<課>/ に置き、案をつくる: sekisho dataset draft\n"
        "  6. 保護管理者が項目ごとに確かめて登録する: sekisho dataset confirm、sekisho dataset register",
        en=f"A new deployment stands in {folder}. It holds no data, and its guideline is a draft.\n"
        "Next (docs/first-dataset.md tells it step by step):\n"
        f"  1. fit the accounts in {folder}/principals.yaml to your staff\n"
        f"  2. fit the articles and tables in {folder}/guideline/ to your duties\n"
        f"  3. export SEKISHO_DEPLOYMENT={folder}\n"
        "  4. have the guideline approved: sekisho token issue cpo; sekisho --as cpo guideline approve\n"
        f"  5. put a department's file into {folder}/departments/<department>/ and draft: sekisho dataset draft\n"
        "  6. the steward confirms each column and registers: sekisho dataset confirm, sekisho dataset register",
    )


def _departments(texts: Iterable[str]) -> Iterable[tuple[str, str]]:
    seen = set()
    for text in texts:
        identifier, sign, label = text.partition("=")
        if not sign or identifier in seen:
            raise BadInput("init-department")
        seen.add(identifier)
        yield identifier, label.strip()
