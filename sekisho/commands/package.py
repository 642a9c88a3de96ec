"""``sekisho package …``: rows for a recipient under contract, from the draft to the certificate of deletion (第18条).

``key``, ``verify`` and ``open`` are the recipient's own, and need no deployment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from audit.keys import load_vkey, vkey_path
from audit.note import Verifier
from governance.errors import BadInput, Lang
from sekisho.commands.package_trace import trace
from sekisho.exports import Caption, csv_bytes, parquet_bytes, reserve_export
from sekisho.key_files import read_key_file, write_key_file
from sekisho.layout import Layout
from sekisho.options import shared_options
from sekisho.package_codebook import codebook_bytes
from sekisho.package_dues import due_on
from sekisho.package_file import MOST_BYTES, Verified, decrypt, new_identity, verify
from sekisho.package_findings import Finding
from sekisho.package_manifest import few
from sekisho.package_register import PackageStatus
from sekisho.session import Session

_FILE = click.Path(path_type=Path)
_STATES = {
    "ja": {"drafted": "案", "created": "作成済", "handed_over": "引渡し済", "received": "受領済", "deleted": "消去済"},
    "en": {"handed_over": "handed over"},
}


@click.group("package")
def command() -> None:
    """Packages for recipients under contract: coarsened, reviewed, signed, encrypted to one of them."""


command.add_command(trace)


@command.command("recipes")
@shared_options
@click.pass_context
def list_recipes(context: click.Context) -> None:
    """Show and check the recipes that packages can be made by."""
    session = Session(context)
    recipes = session.broker.packages.recipes()
    if session.options.format == "json":
        session.terminal.document(
            {
                "recipes": [
                    {
                        "id": r.id,
                        "label": {"ja": r.label.ja, "en": r.label.en},
                        "recipient": r.recipient,
                        "template": r.template,
                        "columns": {name: column.role for name, column in r.columns.items()},
                    }
                    for r in recipes.values()
                ]
            }
        )
        return
    session.terminal.table(
        ("作り方", "名前", "提供先", "ひな形", "項目") if session.lang == "ja"
        else ("recipe", "name", "recipient", "template", "columns"),
        (
            (r.id, getattr(r.label, session.lang), r.recipient, r.template, str(len(r.columns)))
            for r in recipes.values()
        ),
    )  # fmt: skip


@command.command("draft")
@click.argument("recipe")
@shared_options
@click.pass_context
def draft_package(context: click.Context, *, recipe: str) -> None:
    """Read, coarsen and check what a package would hold. Nothing leaves; reviewers see what was found."""
    session = Session(context)
    status = session.broker.packages.draft(session.asker(), recipe=recipe, as_of=session.as_of())
    _show(session, status)


@command.command("show")
@click.argument("number")
@shared_options
@click.pass_context
def show_package(context: click.Context, *, number: str) -> None:
    """Show what a draft found, how coarse it is, and how far it has come. No row is shown."""
    session = Session(context)
    found = [s for s in session.broker.packages.list(session.asker()) if s.number == number]
    if not found:
        raise BadInput("package-unknown")
    _show(session, found[0])


@command.command("list")
@shared_options
@click.pass_context
def list_packages(context: click.Context) -> None:
    """The register of packages (授受簿): what was made for whom, handed over, received, deleted, and what is due."""
    session = Session(context)
    statuses = session.broker.packages.list(session.asker())
    if session.options.format == "json":
        session.terminal.document({"packages": [_document(session, status) for status in statuses]})
        return
    session.terminal.table(
        ("番号", "作り方", "提供先", "段階", "審査", "期限", "消去証明の期限", "文書番号") if session.lang == "ja"
        else ("number", "recipe", "recipient", "state", "reviewed by", "last day", "deletion due", "documents"),
        (
            (
                s.number, s.stored.detail["recipe"], s.recipient, _state(s, session.lang), ", ".join(s.reviewers),
                s.expires_on or "-", str(_due(session, s) or "-"),
                ", ".join(e["number"] for e in s.history if e["number"]),
            )
            for s in statuses
        ),
    )  # fmt: skip


@command.command("review")
@click.argument("number")
@shared_options
@click.pass_context
def review_package(context: click.Context, *, number: str) -> None:
    """Say that one has reviewed a draft. Two persons have to, and neither of them has drafted it."""
    session = Session(context)
    _show(session, session.broker.packages.review(session.asker(), number=number))


@command.command("create")
@click.argument("number")
@click.option("--out", type=_FILE, required=True, metavar="FILE", help="Where the package is written (.zip).")
@shared_options
@click.pass_context
def create_package(context: click.Context, *, number: str, out: Path) -> None:
    """Make a reviewed package: signed, in the ledger, encrypted to its recipient's key alone."""
    session = Session(context)
    asker = session.asker()
    with reserve_export(out) as file:
        file.write(session.broker.packages.create(asker, number=number))
    if session.options.format == "json":
        session.terminal.document({"created": number, "file": out.name})
    session.terminal.say(
        ja=f"提供物 {number} を作りました。渡すときに sekisho package hand-over で授受簿に記録してください。",
        en=f"The package {number} was made. Enter its hand-over with sekisho package hand-over.",
    )


@command.command("hand-over")
@click.argument("number")
@click.option("--document", required=True, metavar="NO", help="Number of the covering document, such as R5-31.")
@shared_options
@click.pass_context
def hand_over_package(context: click.Context, *, number: str, document: str) -> None:
    """Enter in the register (授受簿) that a package goes to its recipient."""
    session = Session(context)
    _show(session, session.broker.packages.hand_over(session.asker(), number=number, document=document))


@command.command("received")
@click.argument("number")
@click.option("--code", required=True, metavar="CODE", help="What the recipient got from package open.")
@shared_options
@click.pass_context
def receive_package(context: click.Context, *, number: str, code: str) -> None:
    """Record that the recipient opened a package: the code is in the package alone."""
    session = Session(context)
    _show(session, session.broker.packages.received(session.asker(), number=number, code=code))


@command.command("deleted")
@click.argument("number")
@click.option("--document", required=True, metavar="NO", help="Number under which the certificate is filed.")
@shared_options
@click.pass_context
def delete_package(context: click.Context, *, number: str, document: str) -> None:
    """Record the recipient's certificate of deletion (消去証明)."""
    session = Session(context)
    _show(session, session.broker.packages.deleted(session.asker(), number=number, document=document))


@command.command("key")
@click.argument("file", type=_FILE)
@shared_options
@click.pass_context
def make_key(context: click.Context, *, file: Path) -> None:
    """For the recipient: make a private key, and print the public one, which the city registers."""
    session = Session(context)
    private, public = new_identity()
    write_key_file(file, f"# public key: {public}\n{private}\n".encode(), file=file.name)
    if session.options.format == "json":
        session.terminal.document({"public_key": public})
    else:
        session.terminal.table(("公開鍵" if session.lang == "ja" else "public key",), ((public,),))
    session.terminal.say(
        ja="この公開鍵を、契約の窓口に届けてください。秘密の鍵のファイルは、だれにも渡さないでください。",
        en="Hand this public key to the city. Give the file of the private key to nobody.",
    )


@command.command("verify")
@click.argument("file", type=_FILE)
@click.option("--package-key", type=_FILE, metavar="VKEY", help="The city's public key for packages.")
@click.option("--ledger-key", type=_FILE, metavar="VKEY", help="The public key of the city's ledger.")
@shared_options
@click.pass_context
def verify_package(context: click.Context, *, file: Path, package_key: Path | None, ledger_key: Path | None) -> None:
    """For anybody: check signature, digests, the proof of the ledger and the term of a package."""
    session = Session(context)
    found = _verified(session, file, package_key=package_key, ledger_key=ledger_key)
    if session.options.format == "json":
        session.terminal.document({"package": found.manifest, "ledger_index": found.ledger_index})
        return
    _show_manifest(session, found)


@command.command("open")
@click.argument("file", type=_FILE)
@click.option("--key", type=_FILE, required=True, metavar="FILE", help="The recipient's private key.")
@click.option("--out", type=_FILE, required=True, metavar="DIR", help="A new folder for rows, codebook and receipt.")
@click.option("--package-key", type=_FILE, metavar="VKEY", help="The city's public key for packages.")
@click.option("--ledger-key", type=_FILE, metavar="VKEY", help="The public key of the city's ledger.")
@shared_options
@click.pass_context
def open_package(
    context: click.Context, *, file: Path, key: Path, out: Path, package_key: Path | None, ledger_key: Path | None
) -> None:
    """For the recipient: verify a package, decrypt it, and write rows, codebook and the receipt code to a folder."""
    session = Session(context)
    kind = session.options.format
    if kind not in ("table", "csv", "parquet"):
        raise BadInput("package-format")
    found = _verified(session, file, package_key=package_key, ledger_key=ledger_key)
    opened = decrypt(found, identity=_identity(key))
    manifest = found.manifest
    caption = Caption(
        notice=manifest["notice"],
        principal=manifest["recipient"]["id"],
        at=datetime.fromisoformat(manifest["created_at"]),
        articles=manifest["articles"],
    )
    try:
        out.mkdir(mode=0o700)
    except FileExistsError:
        raise BadInput("file-exists", file=out.name) from None
    except OSError as error:
        raise BadInput("file-unwritable", file=out.name) from error
    rows = csv_bytes(opened.table, caption=caption) if kind == "csv" else parquet_bytes(opened.table, caption=caption)
    for name, data in {
        "data.csv" if kind == "csv" else "data.parquet": rows,
        "codebook.csv": codebook_bytes(manifest),
        "manifest.json": json.dumps(manifest, ensure_ascii=False, indent=1).encode(),
        "receipt.txt": f"{manifest['package']} {opened.receipt_code}\n".encode(),
    }.items():
        with reserve_export(out / name) as stream:
            stream.write(data)
    _show_manifest(session, found)
    session.terminal.say(
        ja=f"受領の番号 {opened.receipt_code} を、市の窓口に送り返してください。",
        en=f"Send the receipt code {opened.receipt_code} back to the city.",
    )


def _verified(session: Session, file: Path, *, package_key: Path | None, ledger_key: Path | None) -> Verified:
    layout = Layout(session.folder) if session.options.deployment is not None else None
    if layout is None and (package_key is None or ledger_key is None):
        raise BadInput("package-verify-keys")
    return verify(
        _read(file),
        package_key=_vkey(package_key or vkey_path(_present(layout).package_key)),
        ledger_key=_vkey(ledger_key or vkey_path(_present(layout).ledger_key)),
        today=session.deployment.clock().date() if layout is not None else _today(),
    )


def _present(layout: Layout | None) -> Layout:
    if layout is None:
        raise BadInput("package-verify-keys")
    return layout


def _today() -> date:
    """The day by the machine's clock, in its own zone: whoever opens a package has no deployment."""
    return datetime.now(tz=UTC).astimezone().date()


def _vkey(path: Path) -> Verifier:
    return load_vkey(path)


def _identity(path: Path) -> str:
    lines = read_key_file(path, file=path.name).decode("ascii", errors="replace").splitlines()
    keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if len(keys) != 1:
        raise BadInput("package-private-key")
    return keys[0]


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError:
        raise BadInput("package-malformed") from None


def _state(status: PackageStatus, lang: Lang) -> str:
    return _STATES[lang].get(status.state, status.state)


def _due(session: Session, status: PackageStatus) -> date | None:
    return due_on(status, _parameters(session))


def _parameters(session: Session) -> Mapping[str, Any]:
    deployment = session.deployment
    return deployment.guideline.parameters(deployment.clock().date())


def _document(session: Session, status: PackageStatus) -> dict[str, Any]:
    detail, due = status.stored.detail, _due(session, status)
    k = _parameters(session)["packages"]["k_rows"]
    return {
        "package": status.number,
        "state": status.state,
        "recipient": status.recipient,
        "drafted_by": status.drafted_by,
        "reviewers": list(status.reviewers),
        "expires_on": status.expires_on,
        "deletion_due": due.isoformat() if due is not None else None,
        **{name: detail[name] for name in ("recipe", "as_of", "k", "l", "rows", "groups", "loss_percent", "levels")},
        "suppressed": few(detail["suppressed"], k=k),
        "findings": detail["findings"],
        "history": [
            {"event": e["event"], "by": e["principal"], "at": e["time"], "document": e["number"]}
            for e in status.history
        ],
    }


def _show(session: Session, status: PackageStatus) -> None:
    if session.options.format == "json":
        session.terminal.document({"package": _document(session, status)})
        return
    ja = session.lang == "ja"
    document = _document(session, status)
    session.terminal.table(
        ("提供物", "段階", "提供先", "行", "k", "l", "組", "除いた人", "粗さ") if ja
        else ("package", "state", "recipient", "rows", "k", "l", "groups", "left out", "coarseness"),
        [
            (
                status.number, _state(status, session.lang), status.recipient, f"{document['rows']:,}",
                str(document["k"]), str(document["l"] or "-"), str(document["groups"]), str(document["suppressed"]),
                f"{document['loss_percent']}%",
            )
        ],
    )  # fmt: skip
    session.terminal.table(
        ("項目", "段階") if ja else ("column", "level"), ((name, level) for name, level in document["levels"].items())
    )
    for finding in document["findings"]:
        error = Finding(**finding).error()
        session.terminal.say(
            ja=f"× {error.text('ja')}\n  → {error.remedy('ja')}", en=f"x {error.text('en')}\n  → {error.remedy('en')}"
        )
    if not document["findings"]:
        session.terminal.say(
            ja="○ 点検で、渡せない理由は見付かりませんでした。", en="o The check found nothing that bars it."
        )


def _show_manifest(session: Session, found: Verified) -> None:
    manifest, lang = found.manifest, session.lang
    safe, recipient, rows = manifest["anonymity"], manifest["recipient"]["label"], manifest["data"]["rows"]
    session.terminal.table(
        ("項目", "名前", "形", "値がないとき") if lang == "ja" else ("column", "label", "form", "missing"),
        ((c["name"], c["label"][lang], c["form"], c["missing"][lang]) for c in manifest["columns"]),
    )
    session.terminal.say(
        ja=f"○ {manifest['package']}: {recipient['ja']}、{rows:,} 行、k={safe['k']}、l={safe['l'] or '-'}、期限 "
        f"{manifest['expires_on']}。署名、監査記録の証明（{found.ledger_index}）、内容を確かめました。",
        en=f"o {manifest['package']}: {recipient['en']}, {rows:,} rows, k={safe['k']}, l={safe['l'] or '-'}, until "
        f"{manifest['expires_on']}. Signature, proof of the ledger ({found.ledger_index}) and content hold.",
    )
    for condition in manifest["conditions"]:
        session.terminal.say(ja=f"  ・{condition['ja']}", en=f"  - {condition['en']}")
