-- What page_chat.py runs.

-- name: columns
t.id, t.channel_id, t.state, coalesce(t.error, '') AS error, t.private, t.asker_id,
t.trigger_seq AS question_seq,
coalesce(left(t.question, :clip), CASE WHEN m.deleted THEN '' ELSE left(m.text, :clip) END) AS question,
answer.seq AS answer_seq,
(SELECT good FROM rating r
 WHERE r.channel_id = t.channel_id AND r.turn_id = t.id
 AND r.author_id = CAST(:person AS text)) AS rating,
EXISTS (SELECT FROM consent c
        WHERE c.turn_id = t.id AND NOT c.settled AND c.state = 'open'
        AND c.until > clock_timestamp()) AS asks

-- name: get_turns
-- Those that ask something in a stretch, and the newest that are open.
SELECT {columns}
FROM (
    SELECT * FROM turn t
    WHERE channel_id = :channel AND trigger_seq = ANY(CAST(:seqs AS bigint[])) AND {page_turns.shown}
    UNION ALL
    SELECT * FROM (
        SELECT * FROM turn t
        WHERE channel_id = :channel AND state IN ('waiting', 'running') AND {page_turns.shown}
        AND CAST(:newest AS boolean) AND trigger_seq <> ALL(CAST(:seqs AS bigint[]))
        ORDER BY trigger_seq DESC LIMIT :most
    ) open
) t {page_turns.joined} ORDER BY t.trigger_seq

-- name: get_turn
SELECT {columns} FROM turn t {page_turns.joined} WHERE t.id = :turn AND {page_turns.shown}

-- name: get_own_channels
-- With their rows; what was used last first.
SELECT c.id, c.external_id, c.name, c.direct FROM channel c
WHERE platform = :platform AND workspace = :workspace AND name <> ''
ORDER BY (SELECT max(t.id) FROM turn t WHERE t.channel_id = c.id) DESC NULLS FIRST, c.id DESC
LIMIT CAST(:most AS bigint)
