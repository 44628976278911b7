-- What rule_recaps.py runs.

-- name: find_due
SELECT {channels.state}, {rules.columns} FROM rule r JOIN channel c ON c.id = r.channel_id
WHERE r.recap_at <= now() AND r.enabled AND platform = ANY(CAST(:platforms AS text[]))
ORDER BY r.recap_at LIMIT 100

-- name: advance
-- By whoever saw it due at that time.
UPDATE rule SET recap_at = :next, recap_since = :former
WHERE channel_id = :channel AND id = :rule AND recap_at = :former

-- name: postpone
UPDATE rule SET recap_at = now() + interval '1 hour'
WHERE channel_id = :channel AND id = :rule AND recap_at = :former

-- name: counts
-- By label, between two moments, and between an earlier one and the first of them.
SELECT label, count(*) FILTER (WHERE at >= :since) AS lately,
       count(*) FILTER (WHERE at < :since) AS before
FROM rule_label WHERE channel_id = :channel AND rule_id = :rule AND at >= :before AND at < :until
GROUP BY label

-- name: examples
-- Of each label, the messages that it fits best.
SELECT label, link FROM (
    SELECT l.label, m.link, row_number() OVER (
        PARTITION BY l.label ORDER BY l.confidence DESC, l.seq DESC) AS place
    FROM rule_label l JOIN message m ON m.channel_id = l.channel_id AND m.seq = l.seq
    WHERE l.channel_id = :channel AND l.rule_id = :rule AND l.at >= :since AND l.at < :until
    AND l.label IS NOT NULL AND m.link <> '' AND NOT m.deleted
) ranked WHERE place <= :most ORDER BY label, place
