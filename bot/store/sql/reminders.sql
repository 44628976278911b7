-- What reminders.py runs.

-- name: columns
-- A reminder as bot.store.reminders.Reminder has it.
r.id, r.channel_id, r.person_id, r.person_name, r.text, r.at, r.due_at, r.zone, r.thread, r.private

-- name: add
-- Into the first slot of this person's that is free; nothing where none is, or where another
-- replica takes it at this moment.
INSERT INTO reminder AS r (channel_id, person_id, person_name, person, slot, key, text, at, due_at,
                           zone, thread, private)
SELECT :channel, :person_id, :person_name, :person, slot, CAST(:key AS text), :text, :at, :at,
       :zone, :thread, :private
FROM (
    SELECT CAST(min(n) AS smallint) AS slot FROM generate_series(1, CAST(:most AS int)) n
    WHERE NOT EXISTS (SELECT FROM reminder WHERE person = :person AND slot = n)
) free WHERE slot IS NOT NULL
ON CONFLICT DO NOTHING
RETURNING {columns}

-- name: find_by_key
SELECT {columns} FROM reminder r WHERE key = :key

-- name: count
SELECT count(*) FROM reminder WHERE person = :person

-- name: find
SELECT {columns} FROM reminder r WHERE id = :id AND channel_id = :channel

-- name: open_ones
-- A person's own; for who has rights, also what others will have posted before everybody.
SELECT {columns} FROM reminder r
WHERE channel_id = :channel AND (person_id = :person_id OR :all AND NOT private)
ORDER BY due_at, id LIMIT 100

-- name: cancel
DELETE FROM reminder r
WHERE id = :id AND channel_id = :channel AND (person_id = :person_id OR :all AND NOT private)
RETURNING {columns}

-- name: find_due
-- Those whose turn is open, or has ended, stand there as a message that nobody sees.
SELECT {channels.state}, {columns}
FROM reminder r JOIN channel c ON c.id = r.channel_id
WHERE r.at <= now() AND platform = ANY(CAST(:platforms AS text[])) AND NOT EXISTS (
    SELECT FROM message m
    WHERE m.channel_id = r.channel_id AND m.external_id = 'reminder:' || r.id)
ORDER BY r.at LIMIT 100

-- name: drop_ended
-- Whose turn has ended long ago: a replica of the former version posts them and keeps their rows.
WITH ended AS (
    SELECT r.id, t.id AS turn_id FROM reminder r
    JOIN message m ON m.channel_id = r.channel_id AND m.external_id = 'reminder:' || r.id
    JOIN turn t ON t.channel_id = m.channel_id AND t.trigger_seq = m.seq
    WHERE r.at < now() - interval '10 minutes' AND t.state NOT IN ('waiting', 'running')
    AND t.finished_at < now() - interval '10 minutes'
), gone AS (
    DELETE FROM reminder USING ended WHERE reminder.id = ended.id
)
UPDATE turn SET reply = NULL FROM ended WHERE turn.id = ended.turn_id

-- name: forget_reply
-- What the turn was to post.
UPDATE turn t SET reply = NULL FROM message m
WHERE m.channel_id = :channel AND m.external_id = 'reminder:' || CAST(:id AS bigint)
AND t.channel_id = m.channel_id AND t.trigger_seq = m.seq

-- name: drop
DELETE FROM reminder WHERE id = :id AND channel_id = :channel

-- name: postpone
-- As another one, so that another turn is opened for it; none that is a day late.
UPDATE reminder SET id = DEFAULT, at = now() + make_interval(mins => :minutes)
WHERE id = :id AND channel_id = :channel AND due_at > now() - interval '1 day'
RETURNING id
