-- What backups.py runs.

-- name: has_messages
SELECT to_regclass('message')

-- name: count
SELECT count(*) AS messages, count(DISTINCT channel_id) AS channels FROM message

-- name: count_replicas
{heartbeat.count_replicas}

-- name: get_version
SELECT CAST(current_setting('server_version_num') AS int) / 10000
