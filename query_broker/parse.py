"""Stage 1, **parse**: from a text to a resolved query, or a refusal with a line and a column."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlglot.errors import SqlglotError

from governance.approvals import TemplateParameter
from governance.catalogue import Catalogue
from governance.errors import BadInput
from query_broker.bounded_parser import statements_of
from query_broker.carry import carry_keys
from query_broker.counts import plain_counts
from query_broker.expressions import MAX_INTEGER
from query_broker.gate import admit, is_text
from query_broker.prune import prune
from query_broker.relational import Constant, Select
from query_broker.resolve import Resolver
from query_broker.split import settled, split
from query_broker.usages import Lineage

# The parser tells its log what it cannot read, in the words of the query. They must be in no log (I7).
logging.getLogger("sqlglot").addFilter(lambda _: False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedQuery:
    """A resolved query.

    Attributes:
        select: the query in the broker's algebra; of an aggregate query its core.
        finish: what is computed from the core's protected answer, if anything is (`query_broker.split`).
        parameters: values for exactly the parameters that it uses.
        sql_digest: keyed digest of the text; approvals are bound to it, records hold it in place of the text (I7).
    """

    select: Select
    parameters: Mapping[str, Constant]
    sql_digest: str
    finish: Select | None = None


def parse(
    sql: str,
    *,
    catalogue: Catalogue,
    declared: Mapping[str, TemplateParameter],
    parameters: Mapping[str, Constant],
    digest_key: bytes,
) -> ParsedQuery:
    """Read a query.

    Raises:
        BadInput: the text is outside what may be asked, names something unknown, or its parameters do not fit.
    """
    admit(sql)
    try:
        statements = statements_of(sql)
        if len(statements) != 1:
            raise BadInput("sql-one-statement")
        resolver = Resolver(catalogue=catalogue, declared=declared)
        whole = prune(plain_counts(resolver.query(statements[0]), catalogue))
        core, finish = split(whole, catalogue)
        select = carry_keys(settled(core, Lineage(core, catalogue)), catalogue)
    except SqlglotError:
        raise BadInput("sql-unreadable") from None  # the parser's message repeats the text
    except RecursionError:
        raise BadInput("sql-too-deep", limit=0) from None
    return ParsedQuery(
        select=select,
        parameters=check_parameters(parameters, declared=declared, used=resolver.used),
        sql_digest=sql_digest(sql, declared=declared, catalogue=catalogue, key=digest_key),
        finish=finish,
    )


def check_parameters(
    parameters: Mapping[str, Constant], *, declared: Mapping[str, TemplateParameter], used: set[str]
) -> Mapping[str, Constant]:
    """The values of the parameters that a query uses, each of exactly its declared type and as a literal might be.

    Raises:
        BadInput: a value is missing, of another type, or for a parameter that is not declared.
    """
    for name in parameters:
        if name not in declared:
            raise BadInput("parameter-unknown", count=len(declared))
    checked: dict[str, Constant] = {}
    for name in sorted(used):
        if name not in parameters:
            raise BadInput("parameter-missing", parameter=name)
        value = parameters[name]
        fits = {
            "integer": isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_INTEGER,
            "text": isinstance(value, str) and is_text(value),
            "date": type(value) is date,
            "boolean": isinstance(value, bool),
        }
        if not fits[declared[name].type]:
            raise BadInput("parameter-type", parameter=name, type=declared[name].type)
        checked[name] = value
    return checked


def sql_digest(sql: str, *, declared: Mapping[str, TemplateParameter], catalogue: Catalogue, key: bytes) -> str:
    """HMAC-SHA-256 with the deployment's digest key, in hex, over what a query says and what that means here.

    The text with line ends and outer space normalised, the declared parameters, and the digest of the catalogue: an
    approval does not outlive a change of any of them (R19-4). Keyed, because a text may hold a name, and the plain
    digest of a short text can be searched for.
    """
    said = {
        "sql": "\n".join(line.rstrip() for line in sql.strip().splitlines()),
        "parameters": {name: [declared[name].type, declared[name].personal] for name in sorted(declared)},
        "catalogue": catalogue.digest,
    }
    return hmac.new(key, json.dumps(said, sort_keys=True).encode(), hashlib.sha256).hexdigest()
