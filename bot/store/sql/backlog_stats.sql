-- What backlog_stats.py runs.

-- name: get
-- Written so that the index of open turns alone is read.
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
       count(*) FILTER (WHERE state = 'running') AS running,
       (SELECT CAST(coalesce(sum(window_tokens - :high), 0) AS bigint)
        FROM channel WHERE window_tokens > :high) AS lag,
       (SELECT count(*) FROM posted_file WHERE state = 'waiting') AS files,
       pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only
FROM turn WHERE state IN ('waiting', 'running')
