-- What turn_listing.py runs.

-- name: get_open_and_failed
-- Where the question is not remembered, only the turn knows who asks, and only while it is open.
SELECT * FROM (
    SELECT t.id AS turn, t.state, c.platform, c.workspace, c.external_id AS channel, c.name, c.direct,
           CASE WHEN t.asker_name <> '' THEN t.asker_name ELSE m.author_name END AS person,
           t.created_at AS asked, t.attempts, t.error
    FROM turn t JOIN channel c ON c.id = t.channel_id
    JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
    WHERE t.state IN ('waiting', 'running')
    OR t.state = 'failed' AND t.created_at > now() - make_interval(days => :days)
    ORDER BY t.created_at DESC LIMIT :most
) newest ORDER BY asked
