-- What tool_log.py runs.

-- name: newest
-- Who asked: nobody where the question was taken back, or was never kept. A private one's calls are
-- shown to its asker alone; when it has ended, only what it cost knows who that was, until midnight.
SELECT c.tool, c.state, c.changes, c.planned_at, c.ended_at,
       coalesce(nullif(CASE WHEN m.deleted THEN '' ELSE m.author_name END, ''), t.asker_name) AS person
FROM tool_call c JOIN turn t ON t.id = c.turn_id
JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
WHERE c.channel_id = :channel AND (
    NOT t.private OR t.asker_id = CAST(:person AS text)
    OR c.planned_at >= :midnight AND EXISTS (
        SELECT FROM usage u
        WHERE u.channel_id = c.channel_id AND u.at >= :midnight AND u.turn_id = t.id
        AND u.payer = CAST(:payer AS text)))
ORDER BY c.planned_at DESC, c.id DESC LIMIT :most

-- name: let_go
-- Of turns that are over, and no later than what was said in their channel.
DELETE FROM tool_call c USING channel ch, turn t
WHERE ch.id = c.channel_id AND t.id = c.turn_id AND t.state NOT IN ('waiting', 'running')
AND c.planned_at < now() - make_interval(days =>
    CASE WHEN coalesce(ch.retention, :retention) > 0
         THEN least(coalesce(ch.retention, :retention), CAST(:days AS int))
         ELSE CAST(:days AS int) END)
