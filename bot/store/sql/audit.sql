-- What audit.py runs. No word of anybody's.

-- name: begin
-- A form that is sent twice is carried out once: the second finds the first.
INSERT INTO audit (platform, workspace, person_id, name, action, what, channel_id, once, ended)
VALUES (:platform, :workspace, :person, :name, :action, '', :channel, :once, false)
ON CONFLICT (once) DO NOTHING RETURNING id

-- name: finish
UPDATE audit SET what = :what, ended = true WHERE id = :id

-- name: drop
DELETE FROM audit WHERE id = :id AND NOT ended

-- name: get
SELECT id, at, platform, name, action, what, channel_id, ended FROM audit
WHERE ((CAST(:everybody AS boolean)) OR ({page_sessions.whose}))
AND (CAST(:chosen AS text) IS NULL OR action = :chosen)
AND id < coalesce(CAST(:before AS bigint), 9223372036854775807)
ORDER BY id DESC LIMIT :most
