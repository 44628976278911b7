-- What heartbeat.py runs.

-- name: lock
SELECT pg_advisory_lock(:kind, CAST(:owner AS int))

-- name: renew_leases
UPDATE lane SET until = clock_timestamp() + make_interval(secs => :lease) WHERE owner = :owner
RETURNING channel_id, lane, epoch

-- name: count_replicas
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND CAST(classid AS bigint) = :kind AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
