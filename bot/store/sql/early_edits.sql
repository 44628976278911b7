-- What early_edits.py runs, and what the statements that store messages look for.

-- name: is_known
SELECT EXISTS (SELECT FROM message WHERE channel_id = :channel AND external_id = :id)

-- name: keep
-- The newest edit counts, whichever comes last; and of many, the newest.
WITH newest AS (
    SELECT external_id FROM early_edit
    WHERE channel_id = :channel AND external_id <> :id AND until > clock_timestamp()
    ORDER BY until DESC LIMIT CAST(:kept AS int) - 1
), dropped AS (
    DELETE FROM early_edit
    WHERE channel_id = :channel AND external_id <> :id
    AND external_id NOT IN (SELECT external_id FROM newest)
)
INSERT INTO early_edit (channel_id, external_id, text, at, files, until)
VALUES (:channel, :id, :text, CAST(:at AS timestamptz), CAST(:files AS jsonb),
        clock_timestamp() + make_interval(secs => :seconds))
ON CONFLICT (channel_id, external_id) DO UPDATE
SET text = excluded.text, at = excluded.at, until = excluded.until,
    files = coalesce(excluded.files, early_edit.files)
WHERE early_edit.at IS NULL OR excluded.at IS NULL OR early_edit.at <= excluded.at
OR early_edit.until <= clock_timestamp()

-- name: drop
DELETE FROM early_edit WHERE channel_id = :channel AND external_id = :id

-- name: drop_all
DELETE FROM early_edit WHERE channel_id = :channel

-- name: drop_old
DELETE FROM early_edit WHERE until <= clock_timestamp()

-- name: found
-- Of `incoming`: what was edited before it came, and is not yet as the edit left it. What was read
-- after an edit stays as it was read.
early AS (
    SELECT e.external_id, e.text, e.at, e.files FROM early_edit e JOIN incoming i USING (external_id)
    WHERE e.channel_id = :channel AND e.until > clock_timestamp()
    AND i.remembered AND NOT i.nellie AND i.as_edited IS NULL
    AND (i.edited_at IS NULL OR i.edited_at < e.at)
), applied AS (
    DELETE FROM early_edit e USING incoming i
    WHERE i.as_edited AND e.channel_id = :channel AND e.external_id = i.external_id
)
