-- What api_keys.py runs. The key itself is nowhere: `:hash` is all that is known of it.

-- name: columns
id, prefix, platform, workspace, person_id, name, team, models, trusted, created_at, expires_at,
last_used_at, revoked_at

-- name: good
revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())

-- name: add
INSERT INTO api_key (hash, prefix, platform, workspace, person_id, name, team, models, trusted,
                     expires_at)
SELECT :hash, :prefix, :platform, :workspace, :person, :name, :team, CAST(:models AS text[]),
       :trusted, :expires_at
WHERE (SELECT count(*) FROM api_key
       WHERE platform = :platform AND person_id = :person AND {good}) < :most
RETURNING {columns}

-- name: find
-- When it was last used is noted once a minute.
WITH found AS (
    SELECT {columns} FROM api_key WHERE hash = :hash AND {good}
), noted AS (
    UPDATE api_key SET last_used_at = clock_timestamp() FROM found
    WHERE api_key.id = found.id
    AND coalesce(found.last_used_at, '-infinity') < clock_timestamp() - interval '1 minute'
)
SELECT * FROM found

-- name: get_good
SELECT {columns} FROM api_key WHERE id = ANY(CAST(:ids AS bigint[])) AND {good}

-- name: get_all
SELECT {columns} FROM api_key
WHERE (CAST(:platform AS text) IS NULL OR platform = :platform)
AND (CAST(:person AS text) IS NULL OR person_id = :person)
AND (:all OR {good}) ORDER BY id

-- name: change
UPDATE api_key SET models = CAST(:models AS text[]), expires_at = :expires_at
WHERE prefix = :prefix AND {good} RETURNING {columns}

-- name: revoke
UPDATE api_key SET revoked_at = clock_timestamp()
WHERE revoked_at IS NULL
AND (CAST(:platform AS text) IS NULL OR platform = :platform)
AND (CAST(:person AS text) IS NULL OR person_id = :person)
AND (CAST(:prefix AS text) IS NULL OR prefix = :prefix)
RETURNING {columns}
