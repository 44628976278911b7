-- What schema.py runs.

-- name: has_tables
SELECT to_regclass('alembic_version')

-- name: get_revision
SELECT version_num FROM alembic_version

-- name: limit_waiting
SET LOCAL lock_timeout = '60s'

-- name: limit_loading
-- Alembic is loaded meanwhile: on a busy machine that takes longer than others may stand still.
SET LOCAL idle_in_transaction_session_timeout = '60s'

-- name: lock
SELECT pg_advisory_xact_lock(:key)
