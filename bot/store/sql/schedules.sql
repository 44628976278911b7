-- What schedules.py runs.

-- name: get
SELECT rhythm, next_at FROM schedule WHERE channel_id = :channel

-- name: set
INSERT INTO schedule (channel_id, rhythm, next_at, since)
VALUES (:channel, :rhythm, :next, now())
ON CONFLICT (channel_id) DO UPDATE
SET rhythm = excluded.rhythm, next_at = excluded.next_at

-- name: remove
DELETE FROM schedule WHERE channel_id = :channel

-- name: find_due
SELECT {channels.state}, s.rhythm, s.next_at, s.since
FROM schedule s JOIN channel c ON c.id = s.channel_id
WHERE next_at <= now() AND platform = ANY(CAST(:platforms AS text[]))
ORDER BY next_at LIMIT 100

-- name: advance
UPDATE schedule SET next_at = :next, since = :former
WHERE channel_id = :channel AND next_at = :former

-- name: postpone
UPDATE schedule SET next_at = now() + interval '1 hour'
WHERE channel_id = :channel AND next_at = :former
