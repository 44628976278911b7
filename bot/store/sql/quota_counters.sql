-- What quota_counters.py runs.

-- name: find_reached
WITH mine AS (SELECT id, channel_id, created_at FROM turn WHERE id = :turn), asked AS (
    SELECT t.created_at AS at, t.channel_id = mine.channel_id AS here,
           m.author_id = :author AND c.platform = :platform AS own
    FROM mine JOIN turn t ON t.created_at > mine.created_at - make_interval(secs => :longest)
         AND t.id < mine.id AND t.error IS DISTINCT FROM 'LimitReached'
    JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
    JOIN channel c ON c.id = t.channel_id
)
SELECT r.number, CAST(extract(epoch FROM nth.at + make_interval(secs => r.seconds)
                              - clock_timestamp()) AS float8) AS wait
FROM mine, unnest(CAST(:counts AS int[]), CAST(:seconds AS int[]), CAST(:per_person AS bool[]))
     WITH ORDINALITY AS r(count, seconds, per_person, number),
LATERAL (
    SELECT at FROM asked
    WHERE at > mine.created_at - make_interval(secs => r.seconds)
    AND CASE WHEN r.per_person THEN own ELSE here END
    ORDER BY at DESC OFFSET r.count - 1 LIMIT 1
) nth ORDER BY wait DESC LIMIT 1

-- name: count_ahead
SELECT count(*) FROM turn mine JOIN turn t USING (channel_id, lane)
WHERE mine.id = :turn AND t.id < mine.id AND t.created_at > mine.created_at - interval '1 day'
AND (t.finished_at IS NULL OR t.finished_at > mine.created_at)
AND t.error IS DISTINCT FROM 'LimitReached'

-- name: get_spent
SELECT model, CAST(sum(input) AS bigint) AS input,
       CAST(coalesce(sum(cached), 0) AS bigint) AS cached, CAST(sum(output) AS bigint) AS output,
       CAST(coalesce(sum(input + output) FILTER (WHERE channel_id = :channel), 0) AS bigint)
           AS channel_tokens,
       CAST(coalesce(sum(input + output)
                     FILTER (WHERE author_id = CAST(:author AS text)), 0) AS bigint)
           AS person_tokens
FROM usage WHERE at >= :day GROUP BY model
