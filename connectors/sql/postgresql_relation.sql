-- One row for each column of a table or view: how it becomes text, and whether the role may read it; with each, what
-- tells that the table cannot have changed while the connection lives.
SELECT a.attname::text AS name,
       (t.typcategory = 'A') AS is_array,
       (COALESCE(NULLIF(t.typbasetype, 0), t.oid) = 'pg_catalog.timestamptz'::regtype) AS is_moment,
       has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable,
       -- Only rows of the table itself: a view may depend on the day, a foreign table on another server, an unlogged
       -- one loses its rows without a transaction, and a standby does not list the transactions that are under way.
       CASE WHEN NOT pg_catalog.pg_is_in_recovery() AND c.relkind IN ('r', 'm') AND c.relpersistence = 'p' AND NOT c.relrowsecurity
                 AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid)
            THEN c.oid::text || '@' || pg_catalog.pg_current_snapshot()::text ELSE '' END AS seen_at
FROM pg_catalog.pg_class c
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
     JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'v', 'm', 'p', 'f')
      AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
