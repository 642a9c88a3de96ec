"""Reads the approved-query templates: ``<id>.sql`` with YAML front matter in a leading ``/* --- … --- */`` comment.

The text of the query is not read here; the stage ``parse`` does that, as for any other query.
"""

from __future__ import annotations

from pathlib import Path

from governance import located_yaml
from governance.approvals import Template, TemplateColumn, TemplateParameter
from governance.errors import BadInput
from governance.registers import Origin, Register
from governance.schema_check import check_schema
from governance.text_files import read_utf8

_OPENING = "/* ---\n"
_CLOSING = "\n--- */\n"


def load_templates(folder: Path) -> Register[Template]:
    """Read and check every ``*.sql`` of a folder.

    Args:
        folder: the deployment's ``templates/`` folder.

    Returns:
        The templates by id. That their purpose exists is checked by ``governance.check_deployment``.

    Raises:
        BadInput: no front matter, a malformed one, a file that is not named after its id, no query; with file and line.
    """
    if not folder.is_dir():
        raise BadInput("folder-missing", file=folder.name)
    templates: dict[str, Template] = {}
    origins: dict[str, Origin] = {}
    for path in sorted(folder.glob("*.sql")):
        template, origin = _template(path, file=f"{folder.name}/{path.name}")
        templates[template.id] = template
        origins[template.id] = origin
    return Register(templates, origins=origins)


def _template(path: Path, *, file: str) -> tuple[Template, Origin]:
    text = read_utf8(path, file=file)
    front, end, sql = text.removeprefix(_OPENING).partition(_CLOSING)
    if not text.startswith(_OPENING) or not end:
        raise BadInput("template-front-matter", file=file, line=1)
    located = located_yaml.load(front, file=file, first_line=2)
    check_schema(located, "template")
    document = located.data
    if document["id"] != path.stem:
        raise BadInput("template-file-name", file=file, line=located.line("id"), template=document["id"])
    if not sql.strip():
        raise BadInput("template-sql-missing", file=file, line=text.count("\n") + 1)
    template = Template(
        id=document["id"],
        title_ja=document["title"]["ja"],
        title_en=document["title"]["en"],
        purpose=document["purpose"],
        sql=sql.strip(),
        parameters={
            name: TemplateParameter(
                name=name,
                type=parameter["type"],
                personal=parameter["personal"],
                label_ja=parameter["label"]["ja"],
                label_en=parameter["label"]["en"],
            )
            for name, parameter in document.get("parameters", {}).items()
        },
        columns={
            name: TemplateColumn(
                label_ja=column["label"]["ja"], label_en=column["label"]["en"], values_of=column.get("values_of")
            )
            for name, column in document.get("columns", {}).items()
        },
        recurs=document.get("recurs"),
    )
    return template, Origin(located=located)
