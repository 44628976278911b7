-- What confirmations.py runs.

-- name: fresh
at > now() - make_interval(mins => :minutes)

-- name: ask
-- Asked once more, it is one question: the newest.
INSERT INTO confirmation (channel_id, person, command, thread, seq)
SELECT id, :person, :command, :thread, seq FROM channel WHERE id = :channel
ON CONFLICT (channel_id, person) DO UPDATE
SET command = excluded.command, thread = excluded.thread, seq = excluded.seq, at = excluded.at

-- name: find
-- What is not said to Nellie answers her only where nobody else has spoken since she asked, and
-- in no thread but the one in which she asked.
SELECT command FROM confirmation c
WHERE channel_id = :channel AND person = :person AND {fresh}
AND (:addressed OR (:thread = '' OR c.thread = :thread) AND NOT EXISTS (
    SELECT FROM message m
    WHERE m.channel_id = :channel AND m.seq > c.seq AND NOT m.nellie AND NOT m.deleted
    AND m.author_id <> :author))

-- name: drop
DELETE FROM confirmation WHERE channel_id = :channel AND person = :person RETURNING channel_id

-- name: let_go
DELETE FROM confirmation WHERE NOT {fresh}
