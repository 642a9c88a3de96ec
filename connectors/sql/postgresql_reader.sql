-- Sekisho 関所: {department_label}のデータベースに、読み取りだけのロール {role} をつくります。
--
-- 使い方（保有課のデータベース管理者が、データベース {dbname} に接続して実行します）:
--   psql -d {dbname} -f このファイル
--   psql -d {dbname} -c '\password {role}'      … パスワードはここで決め、password_file に書きます（権限 0600）
-- データ項目台帳が変わったら、つくり直したこのファイルをもう一度実行してください。台帳から消えた項目の権限も取り消します。
-- 途中で失敗したときは、何も変わりません。
--
-- このロールにできること: 下に並べた表の、並べた項目を読むことだけです。ほかの表、並べていない項目は見えません。
-- 個人番号と住民票コードは、データ項目台帳にあっても権限を与えません（番号法19条、住民基本台帳法30条の37）。

BEGIN;

DO $role$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {role_text}) THEN
        CREATE ROLE {role};
    END IF;
    IF EXISTS (SELECT FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid = m.member
               WHERE r.rolname = {role_text}) THEN
        RAISE EXCEPTION 'ロール % がほかのロールに属しています。外してから、もう一度実行してください。', {role_text};
    END IF;
END
$role$;
ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS CONNECTION LIMIT {connections};

-- 読み取り専用、制限時間つき。
ALTER ROLE {role} SET default_transaction_read_only = on;
ALTER ROLE {role} SET statement_timeout = '10min';
ALTER ROLE {role} SET lock_timeout = '10s';
ALTER ROLE {role} SET idle_in_transaction_session_timeout = '2min';
ALTER ROLE {role} SET idle_session_timeout = '15min';
ALTER ROLE {role} SET search_path = pg_catalog, pg_temp;

-- 一時表をつくる権限とスキーマに書く権限は、PostgreSQL ではすべてのロール（PUBLIC）に与えられていることがあります。
-- このロールからだけ取り上げることはできないため、PUBLIC から取り消します。業務システムが使っているときは、
-- そのロールに与え直してください: GRANT TEMPORARY ON DATABASE {dbname} TO ロール名;
REVOKE CREATE, TEMPORARY ON DATABASE {dbname} FROM PUBLIC, {role};
REVOKE CREATE ON SCHEMA public, {schema} FROM PUBLIC, {role};

-- 以前の権限を取り消し、データ項目台帳にある項目だけを読めるようにします。
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {role};
GRANT CONNECT ON DATABASE {dbname} TO {role};
GRANT USAGE ON SCHEMA {schema} TO {role};
{grants}

COMMIT;

-- ラージオブジェクトをつくる関数は、既定ではだれでも実行できます。取り消せるのはスーパーユーザーだけなので、
-- クラウドなどで失敗するときは、この文を飛ばしてかまいません（ほかの権限には影響しません）。
REVOKE EXECUTE ON FUNCTION pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid),
    pg_catalog.lo_from_bytea(oid, bytea), pg_catalog.lo_import(text), pg_catalog.lo_import(text, oid) FROM PUBLIC;
