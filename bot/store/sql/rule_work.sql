-- What rule_work.py runs.

-- name: find_due
-- Those with something behind their cursor; of a channel that Nellie is not in any more, none.
SELECT {channels.state}, {rules.columns} FROM rule r JOIN channel c ON c.id = r.channel_id
WHERE r.enabled AND r.due_at <= now() AND c.seq > r.cursor
AND platform = ANY(CAST(:platforms AS text[]))
AND NOT EXISTS (SELECT FROM removal x WHERE x.channel_id = c.id AND x.thread = '')
ORDER BY r.due_at, r.id LIMIT :limit

-- name: read
SELECT m.seq, m.edited_at, m.said_at, {rules.is_meant} AS meant,
       CASE WHEN {rules.is_meant} THEN m.text ELSE '' END AS text
FROM message m JOIN rule r ON r.channel_id = m.channel_id AND r.id = :rule
WHERE m.channel_id = :channel AND m.seq > :cursor ORDER BY m.seq LIMIT :limit

-- name: move_on
-- By whoever read from there: should two replicas have worked on the same, one of them changes
-- nothing. A rule that was switched off meanwhile keeps none of it.
UPDATE rule r SET cursor = :to, due_at = now(), failures = 0, trouble = '',
    day = {rules.today}, passed = passed + :passed,
    today = CASE WHEN day = {rules.today} THEN today ELSE 0 END + :labelled
WHERE channel_id = :channel AND id = :rule AND cursor = :from AND enabled

-- name: add_labels
-- Nothing of a message that was forgotten while a model read it. One that was edited meanwhile has its
-- label from before that: its words are not those that the model read. Returns what somebody is told of.
WITH given AS (
    SELECT * FROM json_to_recordset(CAST(:rows AS json))
        AS given(seq bigint, label text, confidence real, edited timestamptz)
), kept AS (
    INSERT INTO rule_label (channel_id, seq, rule_id, label, confidence, at)
    SELECT :channel, m.seq, :rule, given.label, given.confidence,
           CASE WHEN m.edited_at IS DISTINCT FROM given.edited
                THEN least(now(), m.edited_at - interval '1 microsecond') ELSE now() END
    FROM given JOIN message m ON m.channel_id = :channel AND m.seq = given.seq
    WHERE NOT m.deleted
    ON CONFLICT DO NOTHING RETURNING seq, label
)
SELECT kept.seq, kept.label FROM kept JOIN rule_ping p
ON p.channel_id = :channel AND p.rule_id = :rule AND p.label = kept.label ORDER BY kept.seq

-- name: count_tells
SELECT count(*) FROM rule_tell
WHERE channel_id = :channel AND rule_id = :rule AND NOT summed
AND created_at > now() - interval '1 hour'

-- name: owe
WITH owed AS (
    INSERT INTO rule_tell (channel_id, rule_id, label, summed, at)
    VALUES (:channel, :rule, :label, false, now()) RETURNING id
)
UPDATE rule_label l SET tell_id = owed.id FROM owed
WHERE l.channel_id = :channel AND l.rule_id = :rule AND l.seq = :seq

-- name: sum_up
-- Together with those that are summed up already, as long as that is not about to be posted.
WITH begun AS (
    SELECT id FROM rule_tell
    WHERE channel_id = :channel AND rule_id = :rule AND label = :label AND summed
    AND posted_at IS NULL AND at > clock_timestamp() + interval '1 minute'
    ORDER BY id LIMIT 1
), made AS (
    INSERT INTO rule_tell (channel_id, rule_id, label, summed, at)
    SELECT :channel, :rule, :label, true, now() + interval '1 hour'
    WHERE NOT EXISTS (SELECT FROM begun) RETURNING id
)
UPDATE rule_label l SET tell_id = one.id FROM (SELECT id FROM begun UNION ALL SELECT id FROM made) one
WHERE l.channel_id = :channel AND l.rule_id = :rule AND l.seq = ANY(CAST(:seqs AS bigint[]))

-- name: wait
UPDATE rule SET trouble = :trouble, failures = :failures, due_at = :until
WHERE channel_id = :channel AND id = :rule AND cursor = :from AND enabled
