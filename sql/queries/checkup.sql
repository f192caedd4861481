-- What Postgres says of itself when somebody asks whether all is well.

-- name: server_checkup^
-- Its version and clock, whether it takes writes, and how many connections it has left for us: of
-- all, of this role's and of this database's, whichever are the fewest.
SELECT
    current_setting('server_version_num')::integer AS version_number,
    current_setting('server_version') AS version,
    clock_timestamp() AS now,
    current_setting('transaction_read_only') = 'on' AS is_read_only,
    least(
        current_setting('max_connections')::integer
        - current_setting('superuser_reserved_connections')::integer
        - coalesce(current_setting('reserved_connections', true)::integer, 0)
        - (SELECT sum(s.numbackends) FROM pg_stat_database AS s),
        nullif(r.rolconnlimit, -1)
        - (
            SELECT count(*) FROM pg_stat_activity AS a
            WHERE a.usesysid = r.oid
        ),
        nullif(d.datconnlimit, -1)
        - (
            SELECT sum(s.numbackends) FROM pg_stat_database AS s
            WHERE s.datid = d.oid
        )
    )::integer AS connections_left
FROM pg_roles AS r, pg_database AS d
WHERE r.rolname = current_user AND d.datname = current_database();

-- name: tables_out_of_reach
-- Our tables that this role may not read and write as it must. Ours are those in the schema of the
-- journal of migrations that belong to its owner; transitions are never changed.
SELECT t.relname AS name
FROM pg_class AS t
INNER JOIN pg_class AS j ON j.oid = to_regclass('limner_migrations')
WHERE
    t.relkind IN ('r', 'p')
    AND t.relnamespace = j.relnamespace
    AND t.relowner = j.relowner
    AND t.oid != j.oid
    AND NOT (
        has_table_privilege(t.oid, 'SELECT')
        AND has_table_privilege(t.oid, 'INSERT')
        AND has_table_privilege(t.oid, 'DELETE')
        AND (t.relname = 'transitions' OR has_table_privilege(t.oid, 'UPDATE'))
    )
ORDER BY t.relname;
