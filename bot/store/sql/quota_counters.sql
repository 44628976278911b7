-- What quota_counters.py runs.

-- name: moment
-- When something was asked: a question that is asked again counts as asked then.
coalesce(a.again_at, t.created_at, a.at)

-- name: find_reached
-- Of what was asked before, what was itself turned away does not count.
WITH every AS MATERIALIZED (
    SELECT a.id, a.turn_id, a.channel_id, a.payer, {moment} AS at
    FROM asked a LEFT JOIN turn t ON t.id = a.turn_id
    WHERE t.error IS DISTINCT FROM 'LimitReached' OR a.turn_id = :turn
), mine AS (
    SELECT * FROM every WHERE id = :asked OR turn_id = :turn
), before AS (
    SELECT every.at, every.channel_id = mine.channel_id AS here, every.payer = mine.payer AS own
    FROM mine JOIN every ON (every.at, every.id) < (mine.at, mine.id)
)
SELECT r.number, CAST(extract(epoch FROM nth.at + make_interval(secs => r.seconds)
                              - clock_timestamp()) AS float8) AS wait
FROM mine, unnest(CAST(:counts AS int[]), CAST(:seconds AS int[]), CAST(:per_person AS bool[]))
     WITH ORDINALITY AS r(count, seconds, per_person, number),
LATERAL (
    SELECT at FROM before
    WHERE at > mine.at - make_interval(secs => r.seconds)
    AND CASE WHEN r.per_person THEN own ELSE here END
    ORDER BY at DESC OFFSET r.count - 1 LIMIT 1
) nth ORDER BY wait DESC LIMIT 1

-- name: add
INSERT INTO asked (channel_id, payer, at) VALUES (:channel, :payer, clock_timestamp())
RETURNING id

-- name: remove
DELETE FROM asked WHERE id = :asked

-- name: opened
-- Counts the turn that a statement has opened (`opened`), unless nobody pays for it.
INSERT INTO asked (turn_id, channel_id, payer)
SELECT id, :channel, CAST(:payer AS text) FROM opened WHERE CAST(:payer AS text) <> ''

-- name: ask_again
INSERT INTO asked (turn_id, channel_id, payer, again_at)
SELECT :turn, :channel, CAST(:payer AS text), clock_timestamp() WHERE CAST(:payer AS text) <> ''
ON CONFLICT (turn_id) DO UPDATE SET again_at = excluded.again_at

-- name: forget_askers
DELETE FROM asked WHERE greatest(at, again_at) < now() - interval '1 hour'

-- name: forget_payers
UPDATE usage SET payer = NULL WHERE payer IS NOT NULL AND at < :day

-- name: count_ahead
SELECT count(*) FROM turn mine JOIN turn t USING (channel_id, lane)
WHERE mine.id = :turn AND t.id < mine.id AND t.created_at > mine.created_at - interval '1 day'
AND (t.finished_at IS NULL OR t.finished_at > mine.created_at)
AND t.error IS DISTINCT FROM 'LimitReached'
