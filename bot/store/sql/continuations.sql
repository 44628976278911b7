-- What continuations.py runs. A turn whose answer was cut short has ended with the error CutShort;
-- once another turn goes on with it, with "GoneOn " and that one's id.

-- name: find_before
-- The newest turn of the same conversation, or the one that is replied to. At a console, who comes
-- back has another session.
SELECT id FROM (
    SELECT t.id, t.state, t.error, t.private, t.asker_id FROM turn t
    WHERE t.channel_id = :channel AND t.trigger_seq < :seq AND t.state <> 'cancelled'
    AND t.reply IS NULL
    AND CASE WHEN :reply_to <> '' THEN CAST(:reply_to AS text) = ANY(t.posted)
        ELSE t.lane = :lane OR :direct AND t.lane LIKE 'session:%' END
    ORDER BY t.trigger_seq DESC LIMIT 1
) newest
WHERE state = 'done' AND (error = 'CutShort' OR error = format('GoneOn %s', CAST(:by AS bigint)))
AND (NOT private OR :private AND asker_id = :asker)

-- name: claim
-- Once, whoever asks; and again by who has, after a crash.
UPDATE turn SET error = format('GoneOn %s', CAST(:by AS bigint))
WHERE id = :turn AND channel_id = :channel AND state = 'done'
AND (error = 'CutShort' OR error = format('GoneOn %s', CAST(:by AS bigint)))
RETURNING id

-- name: read
-- The answer so far, its parts from the newest to the oldest: the last one has the question.
WITH RECURSIVE parts AS (
    SELECT id, channel_id, 0 AS depth FROM turn WHERE id = :turn AND channel_id = :channel
    UNION ALL
    SELECT t.id, t.channel_id, parts.depth + 1 FROM parts JOIN turn t
    ON t.channel_id = parts.channel_id AND t.state = 'done'
    AND t.error = format('GoneOn %s', parts.id)
    WHERE parts.depth < 50
)
SELECT {turns.columns}, a.seq AS answer_seq, a.text AS answer, a.rests_on
FROM parts JOIN turn t ON t.id = parts.id
JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
LEFT JOIN LATERAL (
    SELECT seq, text, rests_on FROM message
    WHERE channel_id = t.channel_id AND seq > t.trigger_seq AND rests_on IS NOT NULL
    AND nellie AND NOT deleted AND rests_on[1] = t.trigger_seq
    ORDER BY seq LIMIT 1
) a ON true
ORDER BY parts.depth

-- name: get_press
-- What a press of the button meets.
SELECT t.state, t.error,
       EXISTS (SELECT FROM message WHERE channel_id = t.channel_id AND external_id = :id) AS pressed,
       EXISTS (SELECT FROM turn later
               WHERE later.channel_id = t.channel_id AND later.trigger_seq > t.trigger_seq
               AND later.lane = t.lane AND later.state <> 'cancelled'
               AND (NOT t.private OR later.asker_id = t.asker_id)) AS asked_since
FROM turn t WHERE t.id = :turn

-- name: let_go
-- Of private answers that nobody has gone on with: what they said, to whom, and in which lane.
UPDATE turn SET text = NULL, question = NULL, files = NULL, asker_id = '', asker_name = '', mentions = '{}',
    lane = CASE WHEN lane LIKE 'author:%' THEN 'author:' ELSE lane END
WHERE state = 'done' AND error IS NOT NULL AND text IS NOT NULL
AND finished_at < clock_timestamp() - make_interval(mins => :minutes)
