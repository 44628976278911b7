-- What locks.py runs.

-- name: try_lock
SELECT pg_try_advisory_lock(:kind, CAST(:key AS int))

-- name: unlock
SELECT pg_advisory_unlock(:kind, CAST(:key AS int))
