-- What introductions.py runs.

-- name: is_introduced
SELECT introduced FROM channel WHERE id = :channel

-- name: mark_introduced
UPDATE channel SET introduced = true WHERE id = :channel AND NOT introduced

-- name: find
SELECT t.id, t.state, cardinality(t.posted) > 0 AS posted
FROM message m JOIN turn t ON t.channel_id = m.channel_id AND t.trigger_seq = m.seq
WHERE m.channel_id = :channel AND m.external_id = :id

-- name: reopen
-- As one that was cut off: what it may have posted is looked for before it posts again.
WITH reopened AS (
    UPDATE turn SET state = 'waiting', attempts = 1, error = NULL, finished_at = NULL,
                    question = :question
    WHERE id = :turn AND state NOT IN ('waiting', 'running')
    RETURNING id
), claimed AS (
    {turns.claim_lane} FROM reopened {turns.if_idle}
)
SELECT claimed.epoch FROM reopened LEFT JOIN claimed ON true

-- name: move_aside
-- A message that came in under this id before it was kept for introductions, and opened no turn.
UPDATE message m SET external_id = m.external_id || ' ' || m.seq
WHERE m.channel_id = :channel AND m.external_id = :id AND NOT EXISTS (
    SELECT FROM turn t WHERE t.channel_id = m.channel_id AND t.trigger_seq = m.seq)
