"""What the Python API is asked: one query by one principal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from governance.errors import BadInput
from query_broker.relational import Constant

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRequest:
    """A query as somebody asks it.

    Attributes:
        token: the signed token of the person; without one that verifies the policy refuses.
        hat: the one role that is worn.
        purpose: the purpose of use; without one the policy refuses.
        approval: number of the approval whose template is run; then ``sql`` is not given.
        parameters: values of the template's parameters.
        sql: the text of an ad hoc query, for what needs no approval; then ``approval`` is not given.
        recipient: who receives the result; the purpose's own recipient, where it has one, unless given.
        basis: the kind of legal basis; the approval's, or the purpose's own one, where it has one, unless given.
        as_of: the date that the answer is computed for; today, by the deployment's clock, unless given.
    """

    token: str | None
    hat: str | None = None
    purpose: str | None = None
    approval: str | None = None
    parameters: Mapping[str, Constant] = field(default_factory=dict)
    sql: str | None = None
    recipient: str | None = None
    basis: str | None = None
    as_of: date | None = None

    def __post_init__(self) -> None:
        if (self.approval is None) == (self.sql is None):
            raise BadInput("query-approval-or-sql")
        for what, name in (
            ("hat", self.hat),
            ("purpose", self.purpose),
            ("recipient", self.recipient),
        ):
            if name is not None and not _NAME.fullmatch(name.replace("-", "_")):
                raise BadInput("query-name", what=what)
