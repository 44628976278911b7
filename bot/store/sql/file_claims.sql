-- What file_claims.py runs.

-- name: ours
-- A claim is void as soon as another was made, by whomever.
channel_id = :channel AND seq = :seq AND external_id = :file
AND state = 'waiting' AND owner = :owner AND attempts = :attempts

-- name: claim
-- The newest first: a question may be waiting for it, and history that is read in has time. What
-- was posted before keeps the time of its message as `due_at`. What was brought at the page lies here,
-- and asks no platform.
WITH due AS (
    SELECT f.channel_id, f.seq, f.external_id
    FROM posted_file f JOIN channel c ON c.id = f.channel_id
    WHERE f.state = 'waiting' AND f.due_at <= clock_timestamp()
    AND f.origin = ANY(CAST(:origins AS text[]))
    AND (f.origin <> 'post' OR c.platform = ANY(CAST(:platforms AS text[]))
         OR starts_with(f.external_id, 'upload:'))
    AND (CAST(:only AS bigint) IS NULL OR f.channel_id = :only)
    AND (:under = '' OR f.external_id = :under
         OR starts_with(f.external_id, rtrim(:under, '/') || '/'))
    ORDER BY f.due_at DESC LIMIT 1 FOR UPDATE OF f SKIP LOCKED
), claimed AS (
    UPDATE posted_file f SET owner = :owner, attempts = f.attempts + 1, progress = '',
        due_at = clock_timestamp() + make_interval(secs => :lease)
    FROM due WHERE f.channel_id = due.channel_id AND f.seq = due.seq
    AND f.external_id = due.external_id
    RETURNING f.*
)
SELECT {channels.state}, f.seq, f.external_id AS file_id, f.origin, f.name AS file_name,
       f.media_type, f.size, f.alt, f.address, f.attempts, f.document_id,
       coalesce(m.external_id, '') AS message_id
FROM claimed f JOIN channel c ON c.id = f.channel_id
LEFT JOIN message m ON m.channel_id = f.channel_id AND m.seq = f.seq

-- name: keep
UPDATE posted_file SET progress = :progress,
    due_at = clock_timestamp() + make_interval(secs => :lease)
WHERE {ours} RETURNING {told}

-- name: told
-- Who waits for a file of this channel looks again.
pg_notify('nellie_file', CAST(channel_id AS text))

-- name: give_back
UPDATE posted_file SET owner = NULL, attempts = attempts - 1, progress = '', due_at = now()
WHERE {ours}

-- name: put_off
UPDATE posted_file SET owner = NULL, progress = '', note = :note,
    attempts = attempts - 1 + :counted,
    due_at = now() + make_interval(secs => :seconds)
WHERE {ours} RETURNING {told}

-- name: refuse
UPDATE posted_file SET state = 'unreadable', owner = NULL, progress = '', note = :note,
    mendable = :mendable
WHERE {ours} RETURNING {told}

-- name: point
-- To a document that is still there.
UPDATE posted_file SET state = 'read', document_id = :document, owner = NULL, progress = '',
    note = '', mendable = false
WHERE {ours}
AND EXISTS (SELECT FROM document d WHERE d.channel_id = :channel AND d.id = :document)
RETURNING {told}

-- name: is_ours
SELECT true FROM posted_file WHERE {ours}

-- name: count
SELECT state, count(*) AS files FROM posted_file
WHERE state IN ('waiting', 'unreadable') GROUP BY state
