-- What pooler.py runs.

-- name: get_session
SELECT pg_backend_pid()
