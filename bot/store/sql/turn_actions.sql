-- What turn_actions.py runs.

-- name: notify
SELECT pg_notify(:channel, :turn)

-- name: stop_waiting
-- Whoever was to work on it finds the next one. Of who is not remembered nothing is left, as where
-- an answer had been made (turns.close). What is owed to nobody's question is not stopped: a digest,
-- a reminder, a fixed text.
UPDATE turn SET state = 'done', error = 'Stopped', text = NULL, question = NULL, files = NULL,
    taken_away = NULL, finished_at = clock_timestamp(),
    asker_id = CASE WHEN it THEN asker_id ELSE '' END,
    asker_name = CASE WHEN it THEN asker_name ELSE '' END,
    mentions = CASE WHEN it THEN mentions ELSE '{}' END,
    lane = CASE WHEN it OR lane NOT LIKE 'author:%' THEN lane ELSE 'author:' END
FROM (
    SELECT t.id AS of, t.remembered AND NOT m.deleted AND o.author_id IS NULL AS it
    FROM turn t JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
    LEFT JOIN optout o ON o.channel_id = t.channel_id AND o.author_id = m.author_id
    WHERE t.id = :turn AND NOT m.nellie AND t.reply IS NULL
) known
WHERE id = of AND state = 'waiting' RETURNING id

-- name: get
SELECT {turns.columns}, {channels.state}
FROM turn t JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
JOIN channel c ON c.id = t.channel_id WHERE t.id = :turn

-- name: find_running
SELECT t.id FROM turn t JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
WHERE t.channel_id = :channel AND t.state = 'running' AND :thread IN (m.thread, m.external_id)
ORDER BY t.trigger_seq LIMIT 1

-- name: get_lane
SELECT t.channel_id, t.lane, t.asker_id, c.platform
FROM turn t JOIN channel c ON c.id = t.channel_id WHERE t.id = :turn

-- name: reopen
WITH reopened AS (
    UPDATE turn SET state = 'waiting', attempts = 0, error = NULL, finished_at = NULL
    WHERE id = :turn AND (state = 'failed' OR state = 'done' AND error = 'Stopped')
    AND EXISTS (SELECT FROM message WHERE channel_id = :channel AND seq = turn.trigger_seq
                AND NOT deleted)
    RETURNING id
), retired AS (
    {tool_calls.retired} FROM reopened WHERE turn_id = reopened.id
), unasked AS (
    {consents.retired} FROM reopened WHERE turn_id = reopened.id
), claimed AS (
    {turns.claim_lane} FROM reopened {turns.if_idle}
)
SELECT claimed.epoch FROM reopened LEFT JOIN claimed ON true

-- name: rename_former_answers
-- The new answer will take the id of the former one.
UPDATE message a SET external_id = format('%s (replaced, %s)', a.external_id, a.seq)
FROM turn t JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
WHERE t.id = :turn AND a.channel_id = :channel AND a.nellie
AND a.external_id = ANY({turns.own_ids})
RETURNING a.seq

-- name: rate
-- Whoever opted out is nobody here.
INSERT INTO rating (channel_id, turn_id, author_id, good)
SELECT t.channel_id, t.id, CASE WHEN o.author_id IS NULL THEN CAST(:author AS text) ELSE '' END,
       :good
FROM turn t LEFT JOIN optout o ON o.channel_id = t.channel_id AND o.author_id = :author
WHERE t.id = :turn
ON CONFLICT (channel_id, turn_id, author_id) DO UPDATE SET good = excluded.good, at = now()

-- name: is_open
{turns.is_open}

-- name: ask_again
{quota_counters.ask_again}
