"""PostgreSQL as a source, on a real server: types, one state, the reading role, and every way in which it fails."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import pytest
import yaml

from connectors.postgresql import PostgresqlSource
from connectors.postgresql_role import reader_sql
from connectors.sources import Part, SourceTexts
from governance.catalogue import Dataset
from governance.errors import BadInput, SekishoError, Unavailable
from sekisho.demo_postgresql import SUPERUSER
from tests.connectors.clinic import AS_OF, PERSONS, RAW, Clinic, changed, clinic_catalogue, column, make_clinic, order
from tests.connectors.postgresql import DATABASE, PASSWORD, PgServer, connect, pg_server_started, private, schema_of


def refusal(clinic: Clinic) -> SekishoError:
    """What asking for the number of persons ends in; never with the password or the driver's words."""
    with pytest.raises(SekishoError) as caught:
        clinic.department.rows("clinic.person", as_of=AS_OF)
    error = caught.value
    assert error.__cause__ is None
    for lang in ("ja", "en"):
        said = error.text(lang) + error.remedy(lang)  # type: ignore[arg-type]
        assert "CANARY" not in said
        assert "ERROR:" not in said + str(error)
        assert "FATAL" not in said
    return error


def server_of(clinic: Clinic) -> PgServer:
    """The server of a holder's source."""
    assert clinic.server is not None
    return clinic.server


def change_connection(clinic: Clinic, **changes: Any) -> None:
    """Write the connection file with some keys changed, or left out where they are ``None``."""
    document = {**yaml.safe_load(clinic.source.read_text()), **changes}
    private(clinic.source, yaml.safe_dump({k: v for k, v in document.items() if v is not None}, allow_unicode=True))


def replace_person(clinic: Clinic, definition: str) -> None:
    """Put another relation in the place of the persons' table; the role may read it."""
    schema = schema_of(clinic.root)
    server_of(clinic).run(f'DROP TABLE "{schema}".person', definition.format(schema=f'"{schema}"'))
    connect(server_of(clinic), clinic.catalogue, clinic.source, schema=schema)


def person_rows(clinic: Clinic, *names: str) -> list[dict[str, Any]]:
    """Columns as they are."""
    return clinic.scan(order(clinic, "clinic.person", dict.fromkeys(names, RAW))).to_pylist()


def source_of(clinic: Clinic) -> PostgresqlSource:
    """The source by itself."""
    return PostgresqlSource(clinic.source, root=clinic.root)


# --- types ---------------------------------------------------------------------------------------------------------


def texts_of(source: PostgresqlSource, dataset: Dataset) -> list[SourceTexts]:
    """All batches of a table."""
    (part,) = source.parts(dataset)
    return list(source.read(dataset, part))


def test_native_types_are_read_through_their_texts(pg_clinic: Clinic) -> None:
    """Arrays, moments, numerics, padded characters, domains and enumerations come as what the catalogue declares."""
    schema = f'"{schema_of(pg_clinic.root)}"'
    server_of(pg_clinic).run(
        f"CREATE DOMAIN {schema}.seen AS timestamptz", f"CREATE TYPE {schema}.sex AS ENUM ('1', '2')"
    )
    replace_person(
        pg_clinic,
        'CREATE TABLE {schema}.person ("番号" numeric(12, 0), "世帯" bigint, "氏名" text[], "個人番号" text, '
        '"生年月日" {schema}.seen, "性別" {schema}.sex, "住所" char(8), "措置" smallint)',
    )
    server_of(pg_clinic).run(
        f"INSERT INTO {schema}.person VALUES "
        "(7, 8, ARRAY['訪問', NULL, '𠮷所'], NULL, '2023-09-30 15:30:00+00', '2', '昭和', 1), "
        "(9, NULL, NULL, NULL, NULL, NULL, NULL, 0)"
    )
    first, second = person_rows(pg_clinic, "person_id", "house_id", "name", "birth_date", "sex", "address", "guarded")
    # Half past three in the afternoon of the 30th in Greenwich is the 1st of October in Tokyo.
    assert first.pop("birth_date").isoformat() == "2023-10-01"
    assert list(first.values()) == ["0000000007", "0000000008", "訪問,𠮷所", "2", "昭和", True]
    assert list(second.values()) == ["0000000009", None, None, None, None, None, False]


def test_dates_in_eras_and_native_dates_agree(pg_clinic: Clinic) -> None:
    """A text in 和暦 and a native date are the same day; a day before 1970 is one like any other."""
    native = person_rows(pg_clinic, "birth_date")
    pg_clinic.write(persons=[{**p, "birth_date": str(p["birth_date"] or "")} for p in PERSONS])
    iso = person_rows(pg_clinic, "birth_date")
    eras: list[Any] = ["S23.2.29", "平成24年4月1日", None, "昭和四十四年十二月三十一日"]
    pg_clinic.write(persons=[{**p, "birth_date": e} for p, e in zip(PERSONS, eras, strict=True)])
    assert native == iso == person_rows(pg_clinic, "birth_date")


@pytest.mark.parametrize("value", ["infinity", "0044-03-15 BC", "1868-01-01"])
def test_a_date_that_is_no_day_is_refused_by_its_row(pg_clinic: Clinic, value: str) -> None:
    """`infinity` and years before the solar calendar are not guessed at."""
    schema = schema_of(pg_clinic.root)
    server_of(pg_clinic).run(f'UPDATE "{schema}".person SET "生年月日" = \'{value}\' WHERE "番号" = \'0000000004\'')
    error = refusal(pg_clinic)
    assert error.code in {"value-date-notation", "value-date-lunar"}
    assert (error.params["file"], error.params["row"]) == ("clinic/connection.yaml", 4)


@pytest.mark.parametrize("relation", ["VIEW", "MATERIALIZED VIEW"])
def test_a_view_is_read_like_a_table(pg_clinic: Clinic, relation: str) -> None:
    """What a holder makes for the linkage alone is a source, too, and its changes are seen."""
    schema = f'"{schema_of(pg_clinic.root)}"'
    server_of(pg_clinic).run(f"CREATE TABLE {schema}.raw AS TABLE {schema}.person")
    replace_person(pg_clinic, f"CREATE {relation} {{schema}}.person AS SELECT * FROM {{schema}}.raw")
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4
    server_of(pg_clinic).run(f"DELETE FROM {schema}.raw WHERE \"番号\" = '0000000004'")
    if relation == "MATERIALIZED VIEW":
        assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4
        server_of(pg_clinic).run(f"REFRESH MATERIALIZED VIEW {schema}.person")
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 3


def test_individual_numbers_are_not_even_read(pg_clinic: Clinic) -> None:
    """A column that can leave in no form never comes into a snapshot: the role has no right to it."""
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4
    (texts,) = texts_of(source_of(pg_clinic), pg_clinic.catalogue.datasets["clinic.person"])
    assert texts.table.column("kojin_bango").null_count == 4
    assert all(PERSONS[0]["kojin_bango"].encode() not in p.read_bytes() for p in pg_clinic.root.rglob("*.parquet"))


def test_bytes_without_an_encoding_are_refused(tmp_path: Path, pg_server: PgServer) -> None:
    """A database in SQL_ASCII hands out CP932 as it stands: refused, like such bytes in a file."""
    uri = f"host='{pg_server.server.socket}' user='{SUPERUSER}' password='{pg_server.server.password}' dbname='{{}}'"
    with (
        adbc_driver_postgresql.dbapi.connect(uri.format("postgres"), autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0")
    with adbc_driver_postgresql.dbapi.connect(uri.format("plain"), autocommit=True) as connection:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE t (name text)")
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO t SELECT convert_from('\\x8ab48e'::bytea, 'SQL_ASCII')")
    folder = tmp_path / "clinic"
    folder.mkdir()
    private(folder / "password", pg_server.server.password)
    document = {"host": str(pg_server.server.socket), "dbname": "plain", "user": SUPERUSER, "password_file": "password"}
    private(folder / "connection.yaml", yaml.safe_dump(document))
    dataset = changed(
        clinic_catalogue("postgresql"), "clinic.person", columns={"name": column("name")}, table="t"
    ).datasets["clinic.person"]
    with pytest.raises(BadInput) as caught:
        texts_of(PostgresqlSource(folder / "connection.yaml", root=tmp_path), dataset)
    assert caught.value.code == "source-not-unicode"


def test_undeclared_columns_are_named_and_looked_at_only_where_the_role_may_read_them(pg_clinic: Clinic) -> None:
    """As made from the catalogue, the role sees their names; with too many rights, individual numbers are found."""
    schema = schema_of(pg_clinic.root)
    server_of(pg_clinic).run(
        f'UPDATE "{schema}".person SET "余分" = \'123456789018\'',
        f'ALTER TABLE "{schema}".person ADD COLUMN "税額" int',
    )
    person = pg_clinic.catalogue.datasets["clinic.person"]
    (extra, tax) = texts_of(source_of(pg_clinic), person)[0].undeclared
    assert ((extra.title, extra.filled, extra.position), (tax.title, tax.filled)) == (("余分", 0, 9), ("税額", 0))
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4
    server_of(pg_clinic).run(f'GRANT SELECT ON "{schema}".person TO "reader {schema[2:]}"')
    error = refusal(pg_clinic)
    assert (error.code, error.params["position"]) == ("dataset-quarantined", 9)


# --- one state -----------------------------------------------------------------------------------------------------


def test_a_reading_sees_one_state_whatever_is_committed_meanwhile(pg_clinic: Clinic) -> None:
    """The transaction is read-only, at repeatable read: rows that are committed in between are not in it."""
    dataset = pg_clinic.catalogue.datasets["clinic.person"]
    schema = f'"{schema_of(pg_clinic.root)}"'
    source = source_of(pg_clinic)
    with source._transaction(dataset) as session:
        counted = session.fetch(f"SELECT count(*) AS n FROM {schema}.person").to_pylist()
        server_of(pg_clinic).run(f"DELETE FROM {schema}.person")
        assert session.fetch(f"SELECT count(*) AS n FROM {schema}.person").to_pylist() == counted == [{"n": 4}]
        mode = session.fetch("SELECT current_setting('transaction_read_only') AS ro").to_pylist()
    assert mode == [{"ro": "on"}]
    assert sum(texts.table.num_rows for texts in texts_of(source, dataset)) == 0


def test_the_state_of_a_table_is_what_it_holds(pg_clinic: Clinic) -> None:
    """A commit of other values is another state; a rollback, another table, another column, a rewrite are not."""
    dataset = pg_clinic.catalogue.datasets["clinic.person"]
    schema, server, source = f'"{schema_of(pg_clinic.root)}"', server_of(pg_clinic), source_of(pg_clinic)
    first = source.state(dataset)
    server.run(f"DELETE FROM {schema}.visit")
    server.run(f"UPDATE {schema}.person SET \"余分\" = 'x'")
    server.run(f"UPDATE {schema}.person SET \"個人番号\" = '2'")
    assert source.state(dataset) == first
    seen = {first}
    for change in (
        "\"氏名\" = ''",
        '"氏名" = NULL',
        "\"世帯\" = '1', \"番号\" = '9'",
        "\"世帯\" = '9', \"番号\" = '1'",
    ):
        server.run(f"UPDATE {schema}.person SET {change} WHERE \"番号\" IN ('0000000001', '9', '1')")
        seen.add(source.state(dataset))
    assert len(seen) == 5
    assert source_of(pg_clinic).state(dataset) in seen, "another connection sees the same state"


def test_a_table_is_not_summed_again_while_nothing_was_committed(pg_clinic: Clinic) -> None:
    """Asking twice costs one look at the server's transactions; a view may depend on the day and is always looked at."""
    dataset = pg_clinic.catalogue.datasets["clinic.person"]
    source = source_of(pg_clinic)

    def summed() -> int:
        scans = "SELECT seq_scan AS n FROM pg_stat_user_tables WHERE schemaname = '{}' AND relname = 'person'"
        server_of(pg_clinic).run("SELECT pg_stat_force_next_flush()")
        return int(server_of(pg_clinic).rows(scans.format(schema_of(pg_clinic.root)))[0]["n"])

    source.state(dataset)
    # A session reports what it scanned when it ends, at the latest.
    source._drop()
    source.state(dataset)
    session = source._open
    for _ in range(3):
        source.state(dataset)
    assert source._open is session
    source._drop()
    until = time.monotonic() + 20
    while summed() < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert summed() == 2


def test_a_source_that_changes_while_it_is_read_is_unavailable(
    pg_clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit between the reading and the look at the state after it: no snapshot is kept under a wrong name."""
    schema = f'"{schema_of(pg_clinic.root)}"'
    read = PostgresqlSource.read

    def read_and_change(self: PostgresqlSource, dataset: Any, part: Part) -> Any:
        yield from read(self, dataset, part)
        server_of(pg_clinic).run(f"DELETE FROM {schema}.person WHERE \"番号\" = '0000000004'")

    with monkeypatch.context() as patched:
        patched.setattr(PostgresqlSource, "read", read_and_change)
        error = refusal(pg_clinic)
    assert (type(error), error.code) == (Unavailable, "source-changed")
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 3


# --- the role ------------------------------------------------------------------------------------------------------


@pytest.fixture
def as_reader(pg_clinic: Clinic) -> Any:
    """What the reading role itself can do, with a client that asks for nothing in particular."""
    schema = schema_of(pg_clinic.root)
    server_of(pg_clinic).run(f'CREATE TABLE "{schema}".secret (n int)')
    secret = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
    uri = f"host='{server_of(pg_clinic).server.socket}' dbname='{DATABASE}' user='reader {schema[2:]}' password='{secret}'"

    def run(statement: str) -> Any:
        with (
            adbc_driver_postgresql.dbapi.connect(uri, autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            try:
                cursor.execute("SET default_transaction_read_only = off")  # the role's own default is no border
                cursor.execute(statement.format(schema=f'"{schema}"'))
                return cursor.fetch_arrow_table().num_rows
            except adbc_driver_manager.Error as error:
                return error.sqlstate

    return run


def test_the_role_reads_what_the_catalogue_names(as_reader: Any) -> None:
    """Every declared column of every base table."""
    assert as_reader('SELECT "番号", "世帯", "氏名", "生年月日", "性別", "住所", "措置" FROM {schema}.person') == 4
    assert as_reader('SELECT "年度", "程度" FROM {schema}.visit') == 3


@pytest.mark.parametrize(
    "statement",
    [
        'SELECT "個人番号" FROM {schema}.person',
        'SELECT "余分" FROM {schema}.person',
        "SELECT * FROM {schema}.person",
        "SELECT person FROM {schema}.person",
        "SELECT n FROM {schema}.secret",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_read_file('/etc/hostname')",
        "COPY {schema}.visit (\"年度\") TO PROGRAM 'true'",
        'INSERT INTO {schema}.visit ("年度") VALUES (1)',
        'UPDATE {schema}.person SET "氏名" = NULL',
        "DELETE FROM {schema}.person",
        "TRUNCATE {schema}.person",
        "DROP TABLE {schema}.person",
        "ALTER TABLE {schema}.person ADD COLUMN x int",
        "CREATE TABLE {schema}.mine (n int)",
        "CREATE TABLE public.mine (n int)",
        "CREATE TEMPORARY TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "SELECT lo_create(0)",
        "SET ROLE dba",
    ],
)
def test_the_role_can_do_nothing_else(as_reader: Any, statement: str) -> None:
    """No undeclared column, no individual number, no other table, no writing of any kind, even in its own session."""
    assert as_reader(statement) == "42501"


def test_the_sql_of_the_role_runs_in_psql_again_and_again(pg_clinic: Clinic, tmp_path: Path) -> None:
    """The file as it is handed to a DBA: it takes away what the catalogue no longer names, and changes nothing else."""
    schema, server = schema_of(pg_clinic.root), server_of(pg_clinic)
    role = f"reader {schema[2:]}"
    columns = {k: v for k, v in pg_clinic.catalogue.datasets["clinic.person"].columns.items() if k != "name"}
    fewer = changed(pg_clinic.catalogue, "clinic.person", columns=columns)
    granted = f"SELECT column_name AS c FROM information_schema.column_privileges WHERE grantee = '{role}'"
    before = {row["c"] for row in server.rows(granted)}
    file = tmp_path / "reader.sql"
    file.write_text(reader_sql(fewer, "clinic", dbname=DATABASE, schema=schema, role=role), encoding="utf-8")
    for _ in range(2):
        said = server.server.psql(file, dbname=DATABASE)
        assert "ERROR" not in said
        assert {row["c"] for row in server.rows(granted)} == before - {"氏名"}
    assert {"氏名", "番号"} < before
    assert not before & {"個人番号", "余分"}


def test_the_sql_refuses_a_role_that_inherits_rights(pg_clinic: Clinic, tmp_path: Path) -> None:
    """A role that belongs to another may switch to it: the whole file is taken back."""
    schema, server = schema_of(pg_clinic.root), server_of(pg_clinic)
    role = f"reader {schema[2:]}"
    server.run(f'CREATE ROLE "group {schema[2:]}"', f'GRANT "group {schema[2:]}" TO "{role}"')
    file = tmp_path / "reader.sql"
    file.write_text(
        reader_sql(pg_clinic.catalogue, "clinic", dbname=DATABASE, schema=schema, role=role), encoding="utf-8"
    )
    assert "ほかのロールに属しています" in server.server.psql(file, dbname=DATABASE)


# --- the connection file -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["connection.yaml", "password"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(pg_clinic: Clinic, name: str, mode: int) -> None:
    """Connection file and password are their owner's alone."""
    pg_clinic.source.with_name(name).chmod(mode)
    error = refusal(pg_clinic)
    assert (type(error), error.code) == (BadInput, "private-file-open")
    assert error.params["file"] == f"clinic/{name}"
    assert error.params["mode"] == f"{mode:04o}"


def test_a_link_in_the_place_of_a_private_file_is_not_followed(pg_clinic: Clinic) -> None:
    """Whoever can make a link does not choose what is read."""
    real = pg_clinic.source.with_name("password")
    real.rename(pg_clinic.source.with_name("elsewhere"))
    real.symlink_to("elsewhere")
    change_connection(pg_clinic)
    # The path is resolved inside the departments' folder first: a link within it is the file it leads to.
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4
    real.unlink()
    real.symlink_to("/etc/hostname")
    pg_clinic.departments = {}
    assert refusal(pg_clinic).code == "source-path-outside"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password_file": None, "host": "db.example.lg.jp", "ca": "ca.pem"}, "database-no-login"),
        ({"host": "db.example.lg.jp"}, "database-ca-missing"),
        ({"host": "db.example.lg.jp", "ca": "nowhere.pem"}, "database-ca-missing"),
        ({"password": "CANARY"}, "schema-unknown-field"),
        ({"passfile": "passfile"}, "schema-mismatch"),
        ({"sslmode": "disable"}, "schema-unknown-field"),
        ({"host": "a' sslmode='disable"}, "schema-pattern"),
        ({"port": 0}, "schema-mismatch"),
        ({"dbname": None}, "schema-missing-field"),
        ({"password_file": "../../../etc/passwd"}, "source-path-outside"),
        ({"ca": "/etc/ssl/certs/ca-certificates.crt", "host": "db.example.lg.jp"}, "source-path-outside"),
    ],
)
def test_a_connection_file_that_is_not_as_it_should_be_is_refused(
    pg_clinic: Clinic, changes: dict[str, Any], code: str
) -> None:
    """By its name, before anything is sent; there is no way to switch verification off."""
    change_connection(pg_clinic, **changes)
    error = refusal(pg_clinic)
    assert (type(error), error.code) == (BadInput, code)


@pytest.mark.parametrize("content", ["", "\n", "two\nlines", "null\0"])
def test_a_password_file_with_anything_else_is_refused(pg_clinic: Clinic, content: str) -> None:
    """One line, and something on it."""
    private(pg_clinic.source.with_name("password"), content)
    assert refusal(pg_clinic).code == "database-password-malformed"


def test_a_passfile_of_libpq_does_as_well(pg_clinic: Clinic) -> None:
    """The format that DBAs know; read by libpq, checked by us: others' eyes are refused here, too."""
    user = yaml.safe_load(pg_clinic.source.read_text())["user"]
    passfile = pg_clinic.source.with_name("passfile")
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    private(passfile, f"*:*:*:{user}:{escaped}\n")
    change_connection(pg_clinic, password_file=None, passfile="passfile")
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4
    passfile.chmod(0o644)
    pg_clinic.departments = {}
    assert refusal(pg_clinic).code == "private-file-open"


def test_the_environment_has_no_say(pg_clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver would take hosts, options and passwords from it."""
    for name, value in {
        "PGHOST": "elsewhere", "PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGUSER": "nobody", "PGPASSWORD": "x",
        "PGDATABASE": "x", "PGOPTIONS": "-c default_transaction_read_only=off", "PGAPPNAME": "x",
        "PGPASSFILE": "/nowhere", "PGSSLMODE": "require", "PGCONNECT_TIMEOUT": "0", "PGREQUIREAUTH": "none",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4


# --- failing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dbname": "nowhere"}, "database-login-refused"),
        ({"user": "nobody"}, "database-login-refused"),
        ({"port": 5433}, "database-unreachable"),
        ({"host": "/nowhere"}, "database-unreachable"),
        ({"password_file": None}, "database-login-refused"),
    ],
)
def test_a_server_that_cannot_be_reached_or_refuses_is_unavailable(
    pg_clinic: Clinic, changes: dict[str, Any], code: str
) -> None:
    """Each with what to look at; a server that would let anybody in is none that we log in to with a password."""
    change_connection(pg_clinic, **changes)
    error = refusal(pg_clinic)
    assert (type(error), error.code) == (Unavailable, code)
    assert error.params["file"] == "clinic/connection.yaml"


def test_a_wrong_password_is_refused_and_a_new_one_is_used_at_once(pg_clinic: Clinic) -> None:
    """Password and connection file are read anew for every use."""
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4
    password = pg_clinic.source.with_name("password")
    private(password, "CANARY wrong")
    assert refusal(pg_clinic).code == "database-login-refused"
    private(password, PASSWORD)
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4


def test_a_table_that_somebody_locks_is_unavailable(pg_clinic: Clinic) -> None:
    """After the lock timeout, and not for ever; after the lock, the rows."""
    change_connection(pg_clinic, lock_seconds=1)
    with server_of(pg_clinic).server.cursor(DATABASE) as other:
        other.execute(f'LOCK TABLE "{schema_of(pg_clinic.root)}".person IN ACCESS EXCLUSIVE MODE')
        error = refusal(pg_clinic)
    assert (type(error), error.code) == (Unavailable, "database-locked")
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4


SLOW = (
    "CREATE VIEW {schema}.person AS SELECT '1'::text AS \"番号\", ''::text AS \"世帯\", ''::text AS \"氏名\", "
    '\'\'::text AS "個人番号", NULL::date AS "生年月日", \'1\'::text AS "性別", \'\'::text AS "住所", '
    'pg_sleep(0.2) IS NULL AS "措置" FROM generate_series(1, 600)'
)


def test_a_reading_that_takes_too_long_is_ended_by_the_server(pg_clinic: Clinic) -> None:
    """The statement timeout is the server's own, so that nothing goes on there."""
    replace_person(pg_clinic, SLOW)
    change_connection(pg_clinic, statement_seconds=1)
    error = refusal(pg_clinic)
    assert (type(error), error.code) == (Unavailable, "database-timeout")


@pytest.mark.parametrize(
    "statement",
    [
        'REVOKE ALL ON {schema}.person FROM "{role}"',
        'REVOKE SELECT ("性別") ON {schema}.person FROM "{role}"',
        'REVOKE ALL ON SCHEMA {schema} FROM "{role}"',
        "ALTER TABLE {schema}.person ENABLE ROW LEVEL SECURITY",
    ],
)
def test_missing_rights_and_hidden_rows_are_unavailable(pg_clinic: Clinic, statement: str) -> None:
    """A policy that would hide rows without a word counts as a missing right: people would be missing."""
    schema = schema_of(pg_clinic.root)
    server_of(pg_clinic).run(statement.format(schema=f'"{schema}"', role=f"reader {schema[2:]}"))
    error = refusal(pg_clinic)
    assert (type(error), error.code) == (Unavailable, "database-permission")


def test_a_session_that_was_ended_is_opened_anew(pg_clinic: Clinic) -> None:
    """A restart of the server between two queries costs nothing but a connection."""
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4
    server_of(pg_clinic).run(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader {schema_of(pg_clinic.root)[2:]}'"
    )
    assert pg_clinic.department.rows("clinic.person", as_of=AS_OF) == 4


def test_no_connection_left_is_said(pg_clinic: Clinic) -> None:
    """The role's own limit."""
    server_of(pg_clinic).run(f'ALTER ROLE "reader {schema_of(pg_clinic.root)[2:]}" CONNECTION LIMIT 0')
    error = refusal(pg_clinic)
    assert (type(error), error.code) == (Unavailable, "database-busy")


def test_a_server_that_dies_while_it_is_read_leaves_nothing(tmp_path: Path) -> None:
    """Killed in the middle of a reading: one clear message, no snapshot, no hanging."""
    with pg_server_started() as server:
        for clinic in make_clinic(tmp_path, "postgresql", server):
            replace_person(clinic, SLOW)

            def kill_when_reading() -> None:
                asked = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND usename LIKE 'reader %'"
                while not server.rows(f"{asked} AND query LIKE '%hashtext%'"):
                    time.sleep(0.02)
                os.kill(server.server.pid, signal.SIGQUIT)

            killer = threading.Thread(target=kill_when_reading)
            killer.start()
            error = refusal(clinic)
            killer.join()
            assert (type(error), error.code) == (Unavailable, "database-lost")
            assert list((clinic.root / "clinic" / "snapshots").glob("clinic.person*")) == []
            assert refusal(clinic).code == "database-unreachable"


def is_there(pid: str) -> bool:
    """Whether a process of this account's runs."""
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("killed", [False, True])
def test_the_server_of_a_demo_is_gone_after_it(killed: bool) -> None:
    """No process is left, whether its user ends as it should or is killed; nor a folder, where there was time for it."""
    code = (
        "from sekisho.demo_postgresql import demo_server\n"
        "with demo_server() as server:\n"
        "    print(server.pid, server.socket, flush=True)\n"
        "    input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as user:
        assert user.stdout is not None
        pid, folder = user.stdout.readline().split()
        assert is_there(pid)
        if killed:
            user.kill()
        else:
            user.communicate("\n")
    until = time.monotonic() + 60
    while is_there(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_there(pid)
    assert killed or not Path(folder).exists()
    shutil.rmtree(folder, ignore_errors=True)
