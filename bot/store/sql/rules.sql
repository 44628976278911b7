-- What rules.py runs.

-- name: columns
-- A rule as bot.store.rules.to_rule reads it. `today` is of the day that it is, in UTC. Where a set of
-- labels is gone, the rule goes on with those that it had.
r.channel_id AS rule_channel, r.id AS rule_id, r.name AS rule_name, r.label_set,
coalesce((SELECT s.labels FROM label_set s
          WHERE s.channel_id = r.channel_id AND s.name = r.label_set), r.labels) AS labels,
r.enabled, r.since, r.cursor, r.most, r.passed, r.due_at, r.failures, r.trouble, r.recap,
r.recap_at, r.recap_since,
CASE WHEN r.day = {today} THEN r.today ELSE 0 END AS today

-- name: today
CAST(now() AT TIME ZONE 'UTC' AS date)

-- name: get_all
SELECT {columns} FROM rule r WHERE channel_id = :channel ORDER BY name

-- name: find
SELECT {columns} FROM rule r WHERE channel_id = :channel AND name = :name

-- name: get
SELECT {columns} FROM rule r WHERE channel_id = :channel AND id = :rule

-- name: count
SELECT count(*) FROM rule WHERE channel_id = :channel

-- name: add
-- What was said so far is behind it.
INSERT INTO rule AS r (channel_id, name, labels, label_set, cursor, most)
SELECT :channel, :name, CAST(:labels AS text[]), :label_set, seq, :most
FROM channel WHERE id = :channel
ON CONFLICT (channel_id, name) DO NOTHING
RETURNING {columns}

-- name: switch
-- What is said while it is off is never labelled.
UPDATE rule r SET enabled = :enabled, due_at = now(), failures = 0, trouble = '',
    cursor = CASE WHEN :enabled AND NOT r.enabled THEN c.seq ELSE r.cursor END,
    since = CASE WHEN :enabled AND NOT r.enabled THEN clock_timestamp() ELSE r.since END
FROM channel c WHERE c.id = :channel AND r.channel_id = :channel AND r.id = :rule

-- name: set_most
UPDATE rule SET most = :most, due_at = now(), failures = 0, trouble = ''
WHERE channel_id = :channel AND id = :rule

-- name: set_recap
UPDATE rule SET recap = CAST(:recap AS text), recap_at = CAST(:next AS timestamptz),
    recap_since = CASE WHEN CAST(:recap AS text) IS NULL THEN NULL
                       ELSE coalesce(recap_since, now()) END
WHERE channel_id = :channel AND id = :rule

-- name: set_ping
INSERT INTO rule_ping (channel_id, rule_id, label, kind, target_id, target_name)
SELECT channel_id, id, :label, :kind, :target_id, :target_name FROM rule
WHERE channel_id = :channel AND id = :rule
AND NOT (CAST(:kind AS text) = 'person' AND EXISTS (
    SELECT FROM optout WHERE channel_id = :channel AND author_id = :target_id))
ON CONFLICT (channel_id, rule_id, label) DO UPDATE
SET kind = excluded.kind, target_id = excluded.target_id, target_name = excluded.target_name

-- name: remove_ping
DELETE FROM rule_ping WHERE channel_id = :channel AND rule_id = :rule AND label = :label

-- name: get_pings
SELECT label, kind, target_id, target_name FROM rule_ping
WHERE channel_id = :channel AND rule_id = :rule ORDER BY label

-- name: gone
-- Every trace of the rules that the condition names which follows.
pings AS (DELETE FROM rule_ping p USING gone WHERE p.channel_id = gone.channel_id AND p.rule_id = gone.id),
labels AS (DELETE FROM rule_label l USING gone WHERE l.channel_id = gone.channel_id AND l.rule_id = gone.id),
tells AS (DELETE FROM rule_tell t USING gone WHERE t.channel_id = gone.channel_id AND t.rule_id = gone.id)
SELECT count(*) FROM gone

-- name: remove
WITH gone AS (
    DELETE FROM rule WHERE channel_id = :channel AND id = :rule RETURNING channel_id, id
), {gone}

-- name: remove_all
WITH gone AS (
    DELETE FROM rule WHERE channel_id = :channel RETURNING channel_id, id
), {gone}

-- name: counts
-- By label, in all and since a moment; NULL is what was abstained from.
SELECT label, count(*) AS total, count(*) FILTER (WHERE at >= :since) AS lately
FROM rule_label WHERE channel_id = :channel AND rule_id = :rule
GROUP BY label ORDER BY total DESC, label

-- name: count_waiting
-- What is still to be labelled, as far as one looks.
SELECT count(*) FROM (
    SELECT FROM message m JOIN rule r ON r.channel_id = m.channel_id
    WHERE r.channel_id = :channel AND r.id = :rule AND m.seq > r.cursor AND {is_meant} LIMIT 10000
) waiting

-- name: is_meant
-- Whether rule r is about message m: neither hers, nor one whose words are not remembered.
NOT m.nellie AND NOT m.deleted AND m.said_at >= r.since AND m.text <> ''

-- name: forget_messages
-- Counts follow; what is still to be told of them is not.
DELETE FROM rule_label WHERE channel_id = :channel AND seq = ANY(CAST(:seqs AS bigint[]))
