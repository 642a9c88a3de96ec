"""The rows of a package as they may leave, and what the check finds: read, generalised, looked through; never kept."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from governance.approvals import Template
from governance.errors import BadInput
from governance.load_packages import check_roles
from governance.packages import PackageRecipe
from governance.provisions import Provision
from masking.anonymity import Anonymised, anonymise, person_bytes
from query_broker.release import Release
from sekisho.actions import Asker, Grounds
from sekisho.approval_store import ApprovalStore
from sekisho.ask_request import AskRequest
from sekisho.package_findings import Finding, find
from sekisho.package_register import PackageStatus
from sekisho.package_store import PackageStore
from sekisho.template_facts import template_facts

Ask = Callable[[Asker, AskRequest, Provision], Release]
"""Asks the broker for rows that are read for a package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Rows as they may leave, and what was found about them.

    Attributes:
        approval: under which they were read.
        digest: keyed, over the rows and the recipe.
    """

    recipe: PackageRecipe
    template: Template
    release: Release
    approval: str
    rows: Anonymised
    findings: tuple[Finding, ...]
    digest: str

    def detail(self, *, as_of: date) -> dict[str, Any]:
        """What is kept of a draft, and shown to its reviewers."""
        rows, recipe = self.rows, self.recipe
        return {
            "recipe": recipe.id,
            "purpose": self.template.purpose,
            "approval": self.approval,
            "release": self.release.ledger_index,
            "as_of": as_of.isoformat(),
            "content_digest": self.digest,
            "k": rows.k,
            "l": rows.l,
            "rows": rows.table.num_rows,
            "groups": rows.groups,
            "suppressed": rows.suppressed,
            "loss_percent": round(float(rows.loss) * 100),
            "levels": {name: recipe.columns[name].levels[level].text() for name, level in rows.levels.items()},
            "findings": [{"code": finding.code, "column": finding.column} for finding in self.findings],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads what packages are made of.

    Attributes:
        digest_key: keys the digests of contents.
    """

    templates: Mapping[str, Template]
    grounds: Grounds
    approvals: ApprovalStore
    store: PackageStore
    ask: Ask
    digest_key: bytes = field(repr=False)

    def read(
        self,
        asker: Asker,
        recipe: PackageRecipe,
        provision: Provision,
        *,
        as_of: date,
        packages: Sequence[PackageStatus],
    ) -> Content:
        """Read through the broker, generalise, check.

        Args:
            packages: all that there are: the recipient may hold earlier ones.

        Raises:
            BadInput: the recipe calls harmless what is not, or too many persons would be left out.
            Denied: the policy refuses the query.
            Unavailable: a part does not answer.
        """
        template = self.templates[recipe.template]
        facts = template_facts(template, catalogue=self.grounds.catalogue, digest_key=self.digest_key, as_of=as_of)
        check_roles(recipe, facts, catalogue=self.grounds.catalogue)
        approval = self.approvals.newest_granted(template.id)
        # Without an approval the template is asked all the same, so that the policy refuses it and the ledger says so.
        request = AskRequest(
            token=None,
            purpose=template.purpose,
            approval=approval,
            sql=template.sql if approval is None else None,
            as_of=as_of,
        )
        release = self.ask(asker, request, provision)
        k, values = (self.parameters(asker.now.date())[name] for name in ("k_rows", "l_values"))
        before = [p.number for p in packages if _may_be_held(p, recipe, release) and p.number != provision.id]
        shown = self.store.shown(before, persons=person_bytes(release.table.column(recipe.subject)))
        rows = anonymise(
            release.table,
            tuple(recipe.columns.values()),
            subject=recipe.subject,
            k=k,
            l=values,
            most_suppressed=recipe.most_suppressed,
            earlier=[members for members, _ in shown],
        )
        if rows is None:
            raise BadInput("package-loss", percent=int(recipe.most_suppressed * 100))
        gone = [others + len(members.keys() - rows.members.keys()) for members, others in shown]
        return Content(
            recipe=recipe,
            template=template,
            release=release,
            approval=approval or "",
            rows=rows,
            findings=find(rows.table, recipe, template, k=k, l=values, gone=gone),
            digest=self._digest(rows.table, recipe),
        )

    def parameters(self, day: date) -> Mapping[str, int]:
        """The guideline's numbers for packages on a day.

        Raises:
            BadInput: it has none.
        """
        found: Mapping[str, int] | None = self.grounds.guideline.parameters(day).get("packages")
        if found is None:
            raise BadInput("package-parameters")
        return found

    def _digest(self, table: pa.Table, recipe: PackageRecipe) -> str:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
        message = b"package content\n" + recipe.digest.encode() + b"\n" + sink.getvalue().to_pybytes()
        return hmac.new(self.digest_key, message, hashlib.sha256).hexdigest()


def _may_be_held(status: PackageStatus, recipe: PackageRecipe, release: Release) -> bool:
    """A package that the recipient may hold already, whose persons have the same pseudonyms."""
    return status.recipient == recipe.recipient and status.stored.key_id == release.key_id and status.state != "drafted"
