-- What reviews.py runs.

-- name: get_cursor
-- By the clock of Postgres, which all replicas share. A review to come was none.
SELECT seq, CASE WHEN reviewed_until <= clock_timestamp() THEN reviewed_until END AS reviewed_until
FROM channel WHERE id = :channel

-- name: now
SELECT clock_timestamp() AS now

-- name: set_reviewed_until
UPDATE channel SET reviewed_until = greatest(
    CASE WHEN reviewed_until <= clock_timestamp() THEN reviewed_until END,
    CAST(:until AS timestamptz))
WHERE id = :channel

-- name: find_places
-- Where people said something since then that is remembered: the top level, with what starts
-- threads, and the threads in which there is more than that, the latest first.
WITH said AS MATERIALIZED (
    SELECT external_id, thread, said_at FROM message
    WHERE channel_id = :channel AND said_at >= :since AND seq <= :newest
    AND NOT deleted AND NOT nellie AND link <> ''
)
SELECT '' AS thread, min(said_at) AS first, max(said_at) AS last
FROM said WHERE thread IN ('', external_id) HAVING count(*) > 0
UNION ALL
(SELECT thread, min(said_at), max(said_at) FROM said WHERE thread <> ''
 GROUP BY thread HAVING bool_or(external_id <> thread)
 ORDER BY max(said_at) DESC LIMIT :threads)

-- name: find_missing
-- What people said in a place, by what is remembered, and does not stand there any more. What has
-- come in since (`newest`) may have been said since, too. When each was posted is not certain yet.
SELECT seq, external_id, said_at FROM message
WHERE channel_id = :channel AND said_at BETWEEN :first AND :last AND seq <= :newest
AND NOT deleted AND NOT nellie AND link <> '' AND strpos(link, :address) > 0
AND CASE WHEN :thread = '' THEN thread IN ('', external_id) ELSE thread = :thread END
AND NOT EXISTS (
    SELECT FROM unnest(CAST(:ids AS text[])) AS standing(id) WHERE standing.id = external_id)
ORDER BY seq
