"""Every way in which a deployment's files can be wrong, each as one edit of a sound deployment and the error it ends in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from governance.check_deployment import Finding, check_deployment
from governance.load_catalogue import load_catalogue
from governance.load_guideline import load_guideline
from governance.load_principals import load_principals
from governance.load_templates import load_templates

ALLOW = "guideline/tables/allow_list.yaml"
ARTICLE = "guideline/articles/art02.md"
JUMIN = "catalogue/jumin.yaml"
FUKUSHI = "catalogue/fukushi.yaml"
KINDS = "catalogue/kinds.yaml"
CALENDARS = "guideline/tables/calendars.yaml"
PARAMETERS = "guideline/tables/parameters.yaml"
PURPOSES = "guideline/tables/purposes.yaml"
TEMPLATE = "templates/who-needs-help.sql"


DEEP = "{type: compound, operator: not, value: [" * 3 + "{type: field, operator: eq, field: value, value: 1}" + "]}" * 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One edit, and what must be said about it.

    Attributes:
        code: of the error.
        file: that is edited, and that the error names unless ``named`` says another.
        old, new: the first occurrence of ``old`` becomes ``new``; ``old=None`` writes ``new`` as the whole file.
        at: text of the line that the error names, in the edited file; ``None`` where the error names no line.
        named: file that the error names.
        last_line: the error names the last line of the file.
        cross: whether the fault lies between the parts, so that every loader still accepts its own.
    """

    code: str
    file: str
    old: str | None
    new: str | bytes | None
    at: str | None
    named: str | None = None
    last_line: bool = False
    cross: bool = False

    @property
    def id(self) -> str:
        """The name of the case in a test report."""
        shown = self.new if isinstance(self.new, str) else "…"
        return f"{self.code}-{Path(self.file).name}-{' '.join(shown.split())[:30]}"

    def apply(self, deployment: Path) -> None:
        """Edit the deployment."""
        path = deployment / self.file
        if self.new is None:
            path.unlink()
        elif isinstance(self.new, bytes):
            path.write_bytes(self.new)
        elif self.old is None:
            path.write_text(self.new, encoding="utf-8", newline="\n")
        else:
            text = path.read_text(encoding="utf-8")
            assert self.old in text, f"{self.file} does not hold {self.old!r}"
            path.write_text(text.replace(self.old, self.new, 1), encoding="utf-8", newline="\n")

    def line(self, deployment: Path) -> int | None:
        """The line that the error has to name."""
        if self.at is None and not self.last_line:
            return None
        lines = (deployment / (self.named or self.file)).read_bytes().split(b"\n")
        if self.at is None:
            return len(lines)
        return next(number for number, line in enumerate(lines, start=1) if self.at.encode() in line)


def load_all(deployment: Path) -> tuple[Finding, ...]:
    """Load every part and check them against each other."""
    return check_deployment(
        load_catalogue(deployment / "catalogue"),
        load_guideline(deployment / "guideline"),
        load_templates(deployment / "templates"),
        load_principals(deployment / "principals.yaml"),
    )


def _broken(code: str, file: str, old: str | None, new: str | bytes | None, at: str | None, **more: object) -> Broken:
    return Broken(code=code, file=file, old=old, new=new, at=at, **more)  # type: ignore[arg-type]


_YAML = (
    _broken("file-missing", "guideline/tables/purposes.yaml", None, None, None),
    _broken("file-missing", "principals.yaml", None, None, None),
    _broken("file-too-large", PURPOSES, None, b"#" * (4 * 1024 * 1024 + 1), None),
    _broken("file-encoding", PURPOSES, None, "a: 1\nb: 目的\n".encode("cp932"), "b:"),
    _broken("file-encoding", TEMPLATE, None, "/* ---\nid: 照会\n--- */\n".encode("cp932"), "id:"),
    _broken("file-encoding", ARTICLE, None, "---\narticle: 2\n---\n条文\n".encode("utf-16"), ""),
    _broken("yaml-syntax", PURPOSES, "outputs: [row_level]", "outputs: [row_level", "outputs:"),
    _broken("yaml-syntax", PURPOSES, "  status: active", "\tstatus: active", "\tstatus"),
    _broken("yaml-syntax", ARTICLE, "chapter: 1", "chapter: 'one", "chapter"),
    _broken("yaml-syntax", TEMPLATE, "purpose: evacuation", "purpose: {evacuation", "purpose:"),
    _broken("yaml-control-character", PURPOSES, "pia: PIA-1", "pia: PIA-\x01", "PIA-"),
    _broken("yaml-several-documents", PURPOSES, "  status: active", "---\n  status: active", "---"),
    _broken("yaml-alias", PURPOSES, "pia: PIA-1", "pia: &pia PIA-1", "&pia"),
    _broken("yaml-alias", PURPOSES, "pia: PIA-1", "pia: *pia", "*pia"),
    _broken("yaml-tag", PURPOSES, "pia: PIA-1", "pia: !!str PIA-1", "!!str"),
    _broken("yaml-too-deep", PURPOSES, "pia: PIA-1", f"pia: {'[' * 50}{']' * 50}", "pia:"),
    _broken("yaml-duplicate-key", PURPOSES, "  status: active", "  status: draft\n  status: active", "status: active"),
    _broken("yaml-duplicate-key", PURPOSES, "  domain: rescue", "  domain: rescue\nevacuation: # again", "# again"),
    _broken("yaml-key-not-text", PURPOSES, "pia: PIA-1", "? [pia]\n  : PIA-1", "? [pia]"),
    _broken("date-not-in-calendar", PURPOSES, "2025-03-31", "2025-02-30", "valid_to"),
    _broken("date-not-in-calendar", ARTICLE, "from: 2024-04-01", "from: 2024-04-31", "effective"),
    _broken("date-not-in-calendar", "principals.yaml", '"2025-03-31"', '"2023-02-29"', "worker1"),
    _broken("date-not-in-calendar", "guideline/tables/version.yaml", "2024-03-01", "2024-11-31", "decided_on"),
)

_TIMES = (
    _broken(
        "domain-epochs",
        "guideline/tables/domains.yaml",
        'epoch: "2024"',
        'epoch: {versions: [{from: 2024-04-01, value: "2024"}, {from: 2025-04-01, value: "2024"}]}',
        "epoch:",
    ),
    _broken(
        "guideline-change-missing", "guideline/tables/version.yaml", 'version: "1.0"', 'version: "1.1"', "- version"
    ),
    _broken(
        "guideline-changes-order",
        "guideline/tables/version.yaml",
        "    what:",
        "    what: {ja: 変えた, en: Changed}\n  - version: '1.0'\n    decided_on: 2024-03-01\n    what:",
        "version: '1.0'",
    ),
    _broken("effective-range", ARTICLE, "2024-04-01, to: null", "2024-04-01, to: 2024-03-31", "effective"),
    _broken(
        "parameter-one-value",
        "guideline/tables/parameters.yaml",
        "k_internal: 5",
        "k_internal: 5\nlegal_bases: {versions: [{from: 2024-04-01, value: [x]}]}",
        "legal_bases",
    ),
    _broken(
        "parameter-order",
        "guideline/tables/parameters.yaml",
        "k_internal: 5",
        "k_internal:\n  versions:\n    - {from: 2025-04-01, value: 5}\n    - {from: 2024-04-01, value: 8}",
        "from: 2024-04-01",
    ),
)

_SCHEMA = (
    _broken("schema-unknown-field", PURPOSES, "  pia:", "  pla: x\n  pia:", "pla"),
    _broken("schema-unknown-field", ALLOW, "{form: year}", "{form: year, ceiling: 3}", "born"),
    _broken(
        "schema-unknown-field",
        ARTICLE,
        "    enforced_by: rego",
        "    reason: {ja: 理由, en: Why}\n    enforced_by: rego",
        "reason: {ja: 理由",
    ),
    _broken("schema-missing-field", "guideline/tables/gates.yaml", "kind: condition", "kind: grades", "still-here:"),
    _broken(
        "schema-unknown-field",
        "guideline/tables/action_matrix.yaml",
        "query.row_level",
        "query.everything",
        "query.everything",
    ),
    _broken("schema-unknown-field", FUKUSHI, "    encoding: cp932", "    encodeing: cp932", "encodeing"),
    _broken("schema-unknown-field", TEMPLATE, "purpose: evacuation", "purpose: evacuation\nowner: x", "owner"),
    _broken("schema-unknown-field", "principals.yaml", "mfa: true", "mfa: true, admin: true", "worker1"),
    _broken("schema-missing-field", PURPOSES, "  pia: PIA-1\n", "", "evacuation:"),
    _broken("schema-missing-field", ALLOW, "{form: ordinal, order: [なし, 軽い, 重い]}", "{form: ordinal}", "stage"),
    _broken("schema-missing-field", ALLOW, "{form: band, edges: [0, 3, 10]}", "{form: band}", "visits"),
    _broken("schema-missing-field", ALLOW, ", towns: [本町, 東町], strip: [架空市]", "", "area"),
    _broken("schema-missing-field", ALLOW, "        null_as: false\n", "", "since"),
    _broken("schema-missing-field", ALLOW, "{form: raw}", "{form: flag}", "lives_alone"),
    _broken("schema-missing-field", ALLOW, "{form: raw}", "{form: match}", "lives_alone"),
    _broken(
        "schema-missing-field",
        ARTICLE,
        "    reason: {ja: 現場でしか判断できないため。, en: It can only be judged on the spot.}\n",
        "",
        "id: R2-2",
    ),
    _broken("schema-missing-field", "guideline/tables/parameters.yaml", "k_internal: 5\n", "", "k_public"),
    _broken(
        "schema-missing-field", "guideline/tables/requirements.yaml", "ledger.read: [purpose-stated]\n", "", "query"
    ),
    _broken("schema-missing-field", KINDS, "subject: person\n", "", "household"),
    _broken("schema-name", PURPOSES, "evacuation:", "Evacuation!:", "Evacuation!"),
    _broken("schema-name", JUMIN, "      name: {", "      氏名: {", "氏名"),
    _broken("schema-wrong-type", PURPOSES, "needs_approval: true", "needs_approval: yes", "needs_approval"),
    _broken("schema-wrong-type", PURPOSES, "outputs: [row_level]", "outputs: row_level", "outputs"),
    _broken("schema-wrong-type", "guideline/tables/parameters.yaml", "k_internal: 5", 'k_internal: "5"', "k_internal"),
    _broken("schema-wrong-type", PURPOSES, None, "- evacuation\n", "evacuation"),
    _broken("schema-wrong-type", PURPOSES, None, "", ""),
    _broken("schema-wrong-type", "principals.yaml", "oath: true", "oath: no", "worker1"),
    _broken("schema-not-in-list", ALLOW, "{form: raw}", "{form: clear}", "lives_alone"),
    _broken("schema-not-in-list", ALLOW, "{form: raw}", "{form: match, leaves: true}", "lives_alone"),
    _broken("schema-not-in-list", JUMIN, "class: identifier", "class: secret", "氏名"),
    _broken("schema-not-in-list", ARTICLE, "enforced_by: rego", "enforced_by: python", "enforced_by: python"),
    _broken("schema-pattern", PURPOSES, '"2025-03-31"', "31/3/2025", "valid_to"),
    _broken("schema-pattern", PURPOSES, "ja: 避難の支援", 'ja: "  "', "label"),
    _broken("schema-pattern", "guideline/tables/version.yaml", '"1.0"', '"1.0 beta"', "version"),
    _broken("schema-empty", PURPOSES, "outputs: [row_level]", "outputs: []", "outputs"),
    _broken(
        "schema-empty",
        "guideline/tables/requirements.yaml",
        "approval.sign: [purpose-stated]",
        "approval.sign: []",
        "approval.sign",
    ),
    _broken("schema-item-twice", PURPOSES, "outputs: [row_level]", "outputs: [row_level, row_level]", "outputs"),
    _broken("schema-item-twice", ALLOW, "[なし, 軽い, 重い]", "[なし, 軽い, 軽い]", "stage"),
    _broken("schema-mismatch", "guideline/tables/parameters.yaml", "max_rows: 1000", "max_rows: 0", "max_rows"),
)

_CATALOGUE = (
    _broken("catalogue-department-name", JUMIN, "department: jumin", "department: shimin", "department:"),
    _broken("catalogue-dataset-prefix", JUMIN, "  jumin.register:", "  fukushi.register:", "fukushi.register"),
    _broken("catalogue-kind-pattern", KINDS, "'[0-9]{8}'", "'[0-9'", "person:"),
    _broken("catalogue-kind-aes", KINDS, "pad: null, method: hmac", "pad: null, method: aes", "helper:"),
    _broken("catalogue-kind-aes", KINDS, "pad: 8", "pad: 16", "person:"),
    _broken("catalogue-kind-unknown", KINDS, "subject: person", "subject: citizen", "subject"),
    _broken("catalogue-kind-unknown", KINDS, "household: [home]", "household: [house]", "household"),
    _broken("catalogue-kind-unknown", JUMIN, "key: home", "key: house", "key: house"),
    _broken("catalogue-column-unknown", JUMIN, "unique_by: [person_id]", "unique_by: [person]", "unique_by: [person]"),
    _broken("catalogue-column-unknown", JUMIN, "still-here: state", "still-here: status", "still-here"),
    _broken("catalogue-column-unknown", FUKUSHI, "compose: [ward, seat]", "compose: [ward, chair]", "compose"),
    _broken(
        "catalogue-cohort-key", JUMIN, "    unique_by: [person_id]\n    cohort: true", "    cohort: true", "cohort"
    ),
    _broken("catalogue-bridge-keys", FUKUSHI, "key: helper, compose", "key: person, compose", "bridge"),
    _broken("catalogue-data-subject", FUKUSHI, "bridge: true", "data_subject: none", "data_subject"),
    _broken(
        "catalogue-data-subject-column",
        JUMIN,
        "    table: register\n    absent_row: unknown",
        "    table: register\n    data_subject: none\n    absent_row: none",
        "person_id:",
    ),
    _broken(
        "catalogue-data-subject-shared",
        FUKUSHI,
        "datasets:\n",
        "datasets:\n  fukushi.wards:\n    label: {ja: 地区, en: Wards}\n    files: Branch/east.xlsx\n    data_subject: none\n"
        "    absent_row: none\n    refresh: monthly\n"
        "    columns: {number: {label: {ja: 番号, en: Number}, type: text, class: attribute, nulls: never, source: 番号}}\n",
        "data_subject",
    ),
    _broken("catalogue-decimal", FUKUSHI, "type: integer", "type: decimal", "type: decimal"),
    _broken("catalogue-source", JUMIN, "    table: register\n", "", "jumin.register:"),
    _broken("catalogue-source", JUMIN, "    table: register", "    files: register.csv", "jumin.register:"),
    _broken(
        "catalogue-source",
        JUMIN,
        "    derived: derived/jumin.listed.sql",
        "    derived: derived/jumin.listed.sql\n    table: x",
        "jumin.listed:",
    ),
    _broken(
        "catalogue-files-only", JUMIN, "    table: register", "    table: register\n    encoding: cp932", "encoding"
    ),
    _broken("catalogue-files-only", JUMIN, "    table: register", "    table: register\n    sheet: 名簿", "sheet"),
    _broken(
        "catalogue-files-only",
        JUMIN,
        "    table: register",
        "    table: register\n    layouts: [{files: a.xlsx}]",
        "layouts",
    ),
    _broken(
        "catalogue-base-only",
        JUMIN,
        "    derived: derived/jumin.listed.sql",
        "    derived: derived/jumin.listed.sql\n    reject_up_to: 0.1",
        "reject_up_to",
    ),
    _broken(
        "catalogue-reading-derived",
        JUMIN,
        "sets:\n  - {name: hidden-address, key: person_id, sql: derived/hidden_address.sql}\ndatasets:\n  jumin.register:",
        "datasets:\n  jumin.register:\n    reject_up_to: 0.1",
        "reject_up_to",
    ),
    _broken(
        "catalogue-reading-set",
        JUMIN,
        "    table: register",
        "    table: register\n    unreadable_values: unknown",
        "unreadable_values",
    ),
    _broken("catalogue-reject-absent", FUKUSHI, "absent_row: unknown", "absent_row: none", "reject_up_to"),
    _broken("catalogue-encoding", FUKUSHI, "encoding: cp932", "encoding: cp9999", "encoding"),
    _broken(
        "catalogue-encoding", FUKUSHI, "        sheet: 名簿", "        sheet: 名簿\n        encoding: x", "encoding: x"
    ),
    _broken("catalogue-path-outside", FUKUSHI, "need_*.csv, branch/*]", "need_*.csv, ../x/*]", "files: [need"),
    _broken("catalogue-path-outside", FUKUSHI, "files: branch/*.xlsx", "files: /branch/*.xlsx", "files: /branch"),
    _broken("catalogue-from-name", FUKUSHI, "'need_(?P<ward>[a-z]+)'", "'need_(?P<ward>'", "from_name"),
    _broken("catalogue-from-name", FUKUSHI, "'need_(?P<ward>[a-z]+)'", "'need_([a-z]+)'", "from_name"),
    _broken("catalogue-from-cell", FUKUSHI, "visits: B1", "visits: B2", "from_cell"),
    _broken("catalogue-column-unknown", FUKUSHI, "(?P<ward>", "(?P<wards>", "from_name"),
    _broken("catalogue-column-unknown", FUKUSHI, "{visits: B1}", "{visit: B1}", "from_cell"),
    _broken("catalogue-column-unknown", FUKUSHI, "{stage: 状態/段階}", "{helper: 状態/段階}", "titles"),
    _broken("catalogue-column-unknown", FUKUSHI, "missing: [since]", "missing: [until]", "missing"),
    _broken("catalogue-layout-twice", FUKUSHI, "{stage: 状態/段階}", "{ward: 地区}", "titles"),
    _broken("catalogue-layout-missing", FUKUSHI, "missing: [since]", "missing: [seat]", "missing"),
    _broken(
        "catalogue-key-class",
        JUMIN,
        "class: key, key: home",
        "class: attribute, key: home",
        "class: attribute, key: home",
    ),
    _broken("catalogue-key-class", JUMIN, "class: identifier", "class: key", "氏名"),
    _broken(
        "catalogue-codes-type",
        FUKUSHI,
        "type: integer, class: attribute",
        "type: integer, class: attribute, codes: [一]",
        "訪問回数",
    ),
    _broken("catalogue-compose", FUKUSHI, "compose: [ward, seat]", "compose: [ward, seat], source: x", "helper:"),
    _broken("catalogue-path-outside", JUMIN, "derived/jumin.listed.sql", "../secret.sql", "../secret"),
    _broken("catalogue-path-outside", JUMIN, "path: jumin/jumin.sqlite", "path: /etc/passwd", "/etc/passwd"),
    _broken("catalogue-sql-missing", JUMIN, "derived/jumin.listed.sql", "derived/none.sql", "derived/none.sql"),
    _broken(
        "catalogue-sql-missing", "catalogue/derived/hidden_address.sql", None, "\n", "hidden_address.sql", named=JUMIN
    ),
    _broken("catalogue-set-key", JUMIN, "key: person_id, sql", "key: name, sql", "key: name"),
)

_GUIDELINE = (
    _broken("article-front-matter", ARTICLE, "---\n", "", "article: 2"),
    _broken("article-front-matter", ARTICLE, "\n---\n名簿", "\n名簿", "---"),
    _broken("article-body-missing", ARTICLE, "---\n名簿は、避難の支援のためだけに使う。\n", "---", None, last_line=True),
    _broken("article-file-name", ARTICLE, "article: 2", "article: 3", "article: 3"),
    _broken("rule-of-other-article", ARTICLE, "id: R2-2", "id: R3-2", "R3-2"),
    _broken("rule-twice", ARTICLE, "id: R2-2", "id: R2-1 # again", "# again"),
    _broken("control-bound-twice", "guideline/articles/art05.md", "still-here:", "purpose-stated:", "purpose-stated"),
    _broken("sentence-malformed", ARTICLE, "（{on}）", "（{on）", "利用目的がありません"),
    _broken("sentence-malformed", ARTICLE, "（{on}）", "（{on.__class__}）", "利用目的がありません"),
    _broken("sentence-malformed", ARTICLE, "（{on}）", "（{on:>99}）", "利用目的がありません"),
    _broken("sentence-malformed", ARTICLE, "（{on}）", "（{}）", "利用目的がありません"),
    _broken("sentence-fields-differ", ARTICLE, "（{on}）", "", "利用目的がありません"),
    _broken("table-unknown", "guideline/tables/purpose.yaml", None, "{}\n", None),
    _broken("purpose-term", PURPOSES, "2025-03-31", "2025-04-02", "valid_to"),
    _broken("purpose-term", PURPOSES, "2025-03-31", "2024-03-31", "valid_to"),
    _broken("retention-too-short", "guideline/tables/parameters.yaml", "max_rows: 1000\n", "max_rows: 1000\nretention:\n  kept-answers: {label: {ja: 回答, en: answers}, days: 365, kept: here}\n", "kept-answers"),
    _broken("purpose-basis", PURPOSES, "pia: PIA-1", "pia: PIA-1\n  bases: [guess]", "bases"),
    _broken("basis-afterwards", "guideline/tables/parameters.yaml", "max_rows: 1000\n", "max_rows: 1000\nlegal_bases:\n  alarm: {label: {ja: 緊急, en: alarm}, afterwards: {within: 1, calendar: moon}}\n", "alarm"),
    _broken("basis-occasional", "guideline/tables/parameters.yaml", "max_rows: 1000\n", "max_rows: 1000\nlegal_bases:\n  once: {label: {ja: 臨時, en: once}, max_days: 90, occasional: {holders: own}}\n", "once"),
    _broken("purpose-open-end", PURPOSES, '"2025-03-31"', "null", "valid_to"),
    _broken("purpose-looks-up", PURPOSES, "pia: PIA-1", "pia: PIA-1\n  looks_up: [visits]", "looks_up"),
    _broken("purpose-gate-unknown", PURPOSES, "pia: PIA-1", "pia: PIA-1\n  gates: {still-here: {kind: ages, from: 0, to: 9}}", "gates"),
    _broken("purpose-row-level-approval", PURPOSES, "needs_approval: true", "needs_approval: false", "needs_approval"),
    _broken("purpose-unknown", ALLOW, "evacuation:", "flood:", "flood"),
    _broken("purpose-unknown", "guideline/tables/domains.yaml", "[evacuation]", "[evacuation, flood]", "rescue"),
    _broken("domain-unknown", PURPOSES, "domain: rescue", "domain: aid", "domain: aid"),
    _broken("domain-purpose", "guideline/tables/domains.yaml", "rescue: {", "spare: {purposes: [evacuation], recipient: fire-station, epoch: '1'}\nrescue: {", "spare"),
    _broken("domain-recipient", PURPOSES, "[fire-station]", "[fire-station, press]", "recipients"),
    _broken("recipient-unknown", "guideline/tables/recipients.yaml", "fire-station:", "police:", "rescue", named="guideline/tables/domains.yaml"),
    _broken("organ-unknown", "guideline/tables/recipients.yaml", "organ: mayor", "organ: king", "organ: king"),
    _broken("form-edges-order", ALLOW, "[0, 3, 10]", "[0, 10, 3]", "visits"),
    _broken("role-unknown", "guideline/tables/routes.yaml", "[privacy]", "[boss]", "boss"),
    _broken("route-role-action", "guideline/tables/routes.yaml", "[chief]", "[worker]", "worker"),
    _broken("date-not-in-calendar", CALENDARS, '["2024-01-01"]', '["2024-02-30"]', "2024:"),
    _broken("date-not-in-calendar", CALENDARS, '["2024-08-17"]', '["2024-06-31"]', "opened:"),
    _broken("date-not-in-calendar", CALENDARS, 'to: "2027-12-31"', 'to: "2027-11-31"', "to:"),
    _broken("calendar-span", CALENDARS, 'to: "2027-12-31"', 'to: "2021-12-31"', "to:"),
    _broken("calendar-span", CALENDARS, 'to: "2024-08-15"', 'to: "2024-08-12"', "closed: "),
    _broken("calendar-year", CALENDARS, '["2024-01-01"]', '["2025-01-01"]', "2024:"),
    _broken("calendar-holidays", CALENDARS, '  2026: ["2026-01-01"]\n', "", "holidays:"),
    _broken("calendar-holidays", CALENDARS, '["2026-01-01"]', "[]", "holidays:"),
    _broken("annex-unknown", PARAMETERS, "purposes: [evacuation]", "purposes: [sightseeing]", "purposes"),
    _broken("annex-unknown", PARAMETERS, "never_roles: [guest]", "never_roles: [ghost]", "never_roles"),
    _broken("annex-unknown", PARAMETERS, "never_organs: [mayor]", "never_organs: [king]", "never_organs"),
    _broken("annex-unknown", PARAMETERS, "told: [privacy]", "told: [press]", "told"),
    _broken("annex-unknown", PARAMETERS, "calendar: office", "calendar: shop", "emergency_within"),
    _broken("annex-unknown", PARAMETERS, "days: 30, calendar: office", "days: 30, calendar: shop", "final:"),
    _broken("set-unknown", PARAMETERS, "protected: {hidden-address: jumin}", "protected: {hidden-address: fukushi}", "protected", cross=True),
    _broken("incident-item-unknown", PARAMETERS, "items: [fukushi.need.ward]", "items: [fukushi.need.street]", "street", cross=True),
    _broken("incident-item-unknown", PARAMETERS, "items: [fukushi.need.ward]", "items: [fukushi.town.ward]", "town", cross=True),
    _broken("annex-unknown", PARAMETERS, "leave_out: [hidden-address]", "leave_out: [hidden-address, hidden]", "leave_out", cross=True),
    _broken("annex-set-not-left-out", PARAMETERS, "leave_out: [hidden-address]", "leave_out: []", "leave_out"),
    _broken("annex-reduced", PARAMETERS, "{hidden-address: [name]}", "{hidden-address: [address]}", "leave_out"),
    _broken("calendar-unknown", PARAMETERS, "{daily: office}", "{daily: shop}", "freshness_counted_in"),
    _broken("freshness-class-unknown", PARAMETERS, "{daily: office}", "{hourly: office}", "freshness_counted_in"),
    _broken("freshness-class-unknown", "guideline/tables/named_sets.yaml", "{control:", "{refresh: hourly, control:", "hidden-address"),
    _broken("gate-range", "guideline/tables/gates.yaml", "kind: condition\n  condition: {type: field, operator: eq, field: value, value: 現存}", "kind: grades\n  from: 5\n  to: 4", "from: 5"),
    _broken("gate-nesting", "guideline/tables/gates.yaml", "{type: field, operator: eq, field: value, value: 現存}", DEEP, "condition:"),
    _broken("control-not-rego", "guideline/tables/gates.yaml", "still-here:", "decision-recorded:", "decision-recorded"),
    _broken("control-not-rego", "guideline/tables/named_sets.yaml", "control: hidden-address-excluded", "control: hidden", "hidden-address:"),
    _broken("control-not-rego", "guideline/tables/requirements.yaml", "approval.sign: [purpose-stated]", "approval.sign: [decision-recorded]", "approval.sign"),
    _broken("control-unbound", "guideline/tables/requirements.yaml", "query: [purpose-stated,", "query: [purpose-guessed,", "query"),
    _broken("control-not-required", "guideline/tables/requirements.yaml", "purpose-allow-list, ", "", "purpose-allow-list", named=ARTICLE),
    _broken("template-front-matter", TEMPLATE, "/* ---", "-- ---", "-- ---"),
    _broken("template-front-matter", TEMPLATE, "--- */", "*/", "/* ---"),
    _broken("template-file-name", TEMPLATE, "id: who-needs-help", "id: who-needs-nothing", "id:"),
)  # fmt: skip

_CROSS = (
    _broken("annex-dataset", PARAMETERS, "dataset: jumin.register", "dataset: jumin.nothing", "leave_out", cross=True),
    _broken("annex-dataset", PARAMETERS, "columns: [name, born]", "columns: [name, height]", "leave_out", cross=True),
    _broken("annex-dataset", PARAMETERS, "among: jumin.listed", "among: jumin.nothing", "leave_out", cross=True),
    _broken("organ-unknown", JUMIN, "organ: mayor", "organ: king", "organ", cross=True),
    _broken("organ-unknown", "principals.yaml", "organ: mayor", "organ: king", "king", cross=True),
    _broken("label-word", JUMIN, "label: {ja: ", "label: {ja: 足手まといの", "足手まとい", cross=True),
    _broken("label-word", PURPOSES, "label: {ja: 避難の支援", "label: {ja: 足手まといの避難", "足手まとい", cross=True),
    _broken("steward-unfit", JUMIN, "steward: steward-jumin", "steward: steward-fukushi", "steward:", cross=True),
    _broken("steward-unfit", JUMIN, "steward: steward-jumin", "steward: nobody", "steward:", cross=True),
    _broken("steward-unfit", "principals.yaml", "steward-jumin: {roles: [steward]", "steward-jumin: {roles: [guest]", "steward: steward-jumin", named=JUMIN, cross=True),
    _broken("refresh-unknown", FUKUSHI, "refresh: monthly", "refresh: hourly", "hourly", cross=True),
    _broken("gate-unknown", JUMIN, "gates: {still-here: state}", "gates: {still-here: state, of-age: born}", "gates", cross=True),
    _broken("gate-missing", JUMIN, "    gates: {still-here: state}\n", "", "jumin.listed:", cross=True),
    _broken("gate-not-date", "guideline/tables/gates.yaml", "kind: condition\n  condition: {type: field, operator: eq, field: value, value: 現存}", "kind: grades\n  from: 1\n  to: 4", "gates:", named=JUMIN, cross=True),
    _broken("condition-value-code", "guideline/tables/gates.yaml", "value: 現存", "value: 在住", "gates:", named=JUMIN, cross=True),
    _broken("department-unknown", "guideline/tables/named_sets.yaml", "[jumin]", "[jumin, zeimu]", "zeimu", cross=True),
    _broken("department-unknown", "principals.yaml", "department: null", "department: zeimu", "zeimu", cross=True),
    _broken("set-unknown", "guideline/tables/named_sets.yaml", "[jumin]", "[jumin, fukushi]", "fukushi", cross=True),
    _broken("set-unused", "guideline/tables/named_sets.yaml", "hidden-address: {", "other: {", "hidden-address", named=JUMIN, cross=True),
    _broken("allow-list-dataset", ALLOW, "  fukushi.need:", "  fukushi.needs:", "fukushi.needs", cross=True),
    _broken("allow-list-column", ALLOW, "      visits:", "      visit:", "visit:", cross=True),
    _broken("form-column-type", ALLOW, "lives_alone: {form: raw}", "lives_alone: {form: count}", "lives_alone", cross=True),
    _broken("form-column-type", ALLOW, "born: {form: year}", "born: {form: band, edges: [1, 2]}", "born", cross=True),
    _broken("form-column-type", ALLOW, "visits: {form: band, edges: [0, 3, 10]}", "visits: {form: year_month}", "visits", cross=True),
    _broken("form-key", ALLOW, "lives_alone: {form: raw}", "lives_alone: {form: pseudonym}", "lives_alone", cross=True),
    _broken("form-order-codes", ALLOW, "order: [なし, 軽い, 重い]", "order: [なし, 軽い]", "stage", cross=True),
    _broken("form-order-codes", ALLOW, "order: [なし, 軽い, 重い]", "order: [なし, 軽い, 重い, 不明]", "stage", cross=True),
    _broken("condition-field", ALLOW, 'field: value, value: "2020-01-01"', 'field: born, value: "2020-01-01"', "since", cross=True),
    _broken("condition-value-type", ALLOW, '"2020-01-01"', "20200101", "since", cross=True),
    _broken("condition-value-type", ALLOW, '"2020-01-01"', '"2020-02-31"', "since", cross=True),
    _broken("condition-value-type", ALLOW, "lives_alone: {form: raw}", "lives_alone: {form: flag, condition: {type: field, operator: eq, field: value, value: 1}}", "lives_alone", cross=True),
    _broken("condition-operator-type", ALLOW, "lives_alone: {form: raw}", "lives_alone: {form: flag, condition: {type: field, operator: gt, field: value, value: false}}", "lives_alone", cross=True),
    _broken("purpose-unknown", TEMPLATE, "purpose: evacuation", "purpose: flood", "flood", cross=True),
    _broken("role-unknown", "principals.yaml", "roles: [worker]", "roles: [worker, wizard]", "wizard", cross=True),
    _broken("route-nobody", "principals.yaml", "roles: [chief]", "roles: [guest]", "decide:", named="guideline/tables/routes.yaml", cross=True),
)  # fmt: skip

BROKEN = (*_YAML, *_TIMES, *_SCHEMA, *_CATALOGUE, *_GUIDELINE, *_CROSS)
