-- What rule_tells.py runs.

-- name: trigger_id
-- What a tell is posted for, as bot.domain.rules.tell_id: another one for each time that it is tried.
format('rule-tell:%s:%s', t.id, t.attempt)

-- name: find_due
-- Those whose turn is open, or has ended, stand there as a message that nobody sees.
SELECT {channels.state}, t.id, t.attempt, t.rule_id, t.at
FROM rule_tell t JOIN channel c ON c.id = t.channel_id
WHERE t.posted_at IS NULL AND t.at <= now() AND platform = ANY(CAST(:platforms AS text[]))
AND NOT EXISTS (
    SELECT FROM message m WHERE m.channel_id = t.channel_id AND m.external_id = {trigger_id})
ORDER BY t.at LIMIT 100

-- name: find
-- While it is owed: of a rule that is on and still tells somebody of this label.
SELECT r.name, t.label, t.summed, p.kind, p.target_id, p.target_name
FROM rule_tell t JOIN rule r ON r.channel_id = t.channel_id AND r.id = t.rule_id AND r.enabled
JOIN rule_ping p ON p.channel_id = t.channel_id AND p.rule_id = t.rule_id AND p.label = t.label
WHERE t.channel_id = :channel AND t.id = :tell AND t.posted_at IS NULL

-- name: find_messages
-- What was edited since it was labelled may say something else now.
SELECT m.text, m.author_name, m.link, m.said_at, l.confidence,
       coalesce(m.edited_at > l.at, false) AS edited
FROM rule_label l JOIN message m ON m.channel_id = l.channel_id AND m.seq = l.seq
WHERE l.channel_id = :channel AND l.tell_id = :tell AND NOT m.deleted ORDER BY l.seq

-- name: end
UPDATE rule_tell SET posted_at = clock_timestamp() WHERE channel_id = :channel AND id = :tell

-- name: postpone
-- Under another id, so that another turn is opened for it; none that is a day late.
UPDATE rule_tell SET attempt = attempt + 1, at = now() + make_interval(mins => :minutes)
WHERE channel_id = :channel AND id = :tell AND posted_at IS NULL
AND created_at > now() - interval '1 day'

-- name: drop_old
DELETE FROM rule_tell WHERE at < now() - interval '2 days'
