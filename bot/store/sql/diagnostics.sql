-- What diagnostics.py runs.

-- name: inspect
SELECT current_setting('server_version') AS version,
       CAST(current_setting('server_version_num') AS int) AS number,
       (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS vector,
       EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')
           OR has_database_privilege(current_database(), 'CREATE') AS usable,
       to_regclass('alembic_version') IS NOT NULL AS made,
       clock_timestamp() AS now,
       CAST(current_setting('max_connections') AS int)
           - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
           AS free_connections

-- name: get_revision
SELECT version_num FROM alembic_version

-- name: has_channels
SELECT to_regclass('channel')

-- name: get_last_heard
SELECT max(last_at) FROM channel WHERE platform = :platform

-- name: find_channels
SELECT c.platform, c.external_id, c.name, s.rhythm, c.retention,
       CASE WHEN c.failures >= :often THEN c.failures ELSE 0 END AS failures
FROM channel c LEFT JOIN schedule s ON s.channel_id = c.id
WHERE s.rhythm IS NOT NULL OR c.failures >= :often OR c.retention NOT BETWEEN 0 AND :longest
ORDER BY c.id

-- name: count_files
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
       min(at) FILTER (WHERE state = 'waiting') AS oldest,
       count(*) FILTER (WHERE state = 'unreadable' AND mendable) AS without_right,
       coalesce(max(note) FILTER (WHERE state = 'unreadable' AND mendable), '') AS right,
       count(*) FILTER (WHERE state = 'unreadable' AND NOT mendable) AS unreadable
FROM posted_file

-- name: count_reasons
SELECT note, count(*) AS files FROM posted_file WHERE state = 'unreadable' AND NOT mendable
GROUP BY note ORDER BY files DESC, note LIMIT 10

-- name: has_embeddings
SELECT to_regclass('embedding_codes')

-- name: count_embeddings
-- One number alone is kept of a text that gets no vector.
SELECT count(*) FILTER (WHERE model = :model AND length(code) > 1) AS kept,
       count(*) FILTER (WHERE model = :model AND length(code) = 1) AS set_aside,
       count(*) FILTER (WHERE model <> :model AND length(code) > 1) AS of_others,
       max(length(code)) FILTER (WHERE model = :model) AS size
FROM embedding
