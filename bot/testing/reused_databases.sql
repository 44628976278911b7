-- What reused_databases.py runs.

-- name: look
-- What a database is like, apart from what its tables hold; how large it is; how many others are in
-- it. Ids from 16384 on are not Postgres' own. What a session made for itself goes with it, except
-- for the empty schema that this stood in.
SELECT concat_ws(' ',
    (SELECT max(version_num) FROM alembic_version),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_attrdef),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_attribute
        WHERE attrelid >= 16384),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_class WHERE oid >= 16384),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_constraint),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_default_acl),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_event_trigger),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_extension),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_index
        WHERE indexrelid >= 16384),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_namespace
        WHERE nspname !~ '^pg_(toast_)?temp_'),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_proc WHERE oid >= 16384
        AND CAST(CAST(pronamespace AS regnamespace) AS text) !~ '^pg_temp_'),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_statistic
        WHERE starelid >= 16384),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_trigger),
    (SELECT (count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM pg_type WHERE oid >= 16384),
    (SELECT count(*) FROM pg_db_role_setting
        WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
) AS state,
    pg_database_size(current_database()) AS size,
    (SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend') AS others

-- name: empty
DO $$ DECLARE name text; start bigint; BEGIN
    -- no foreign keys: in whatever order
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT CAST(oid AS regclass) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = CAST('public' AS regnamespace)
        AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
    LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
    FOR name, start IN SELECT format('%I.%I', schemaname, sequencename), start_value
        FROM pg_sequences WHERE last_value IS NOT NULL
    LOOP PERFORM setval(name, start, false); END LOOP;
END $$
