"""What a template's text does, before anybody gives its parameters."""

from __future__ import annotations

from datetime import date

from governance.approvals import Template, TemplateParameter
from governance.catalogue import Catalogue
from governance.facts import QueryFacts
from query_broker.languages import facts_of, read_query
from query_broker.relational import Constant


def template_facts(template: Template, *, catalogue: Catalogue, digest_key: bytes, as_of: date) -> QueryFacts:
    """What a template's text does. The values of its parameters bear on no fact, so any will do.

    Raises:
        BadInput: the text is outside what may be asked.
    """
    values = {name: _any_value(parameter, as_of=as_of) for name, parameter in template.parameters.items()}
    parsed = read_query(
        template.sql, catalogue=catalogue, declared=template.parameters, parameters=values, digest_key=digest_key
    )
    return facts_of(parsed, catalogue=catalogue)


def _any_value(parameter: TemplateParameter, *, as_of: date) -> Constant:
    match parameter.type:
        case "integer":
            return 0
        case "text":
            return ""
        case "date":
            return as_of
        case "boolean":
            return False
