-- What database.py runs.

-- name: ping
SELECT 1

-- name: analyze
ANALYZE message, posting
