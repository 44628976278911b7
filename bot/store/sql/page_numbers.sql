-- What page_numbers.py runs. No word of anybody's; without `:channels`, of all.

-- name: chosen
(CAST(:channels AS bigint[]) IS NULL OR channel_id = ANY(CAST(:channels AS bigint[])))

-- name: count_turns
SELECT CAST(created_at AT TIME ZONE 'UTC' AS date) AS day, count(*) AS questions,
       count(*) FILTER (WHERE state = 'done') AS answers,
       count(*) FILTER (WHERE state = 'failed') AS failures
FROM turn WHERE created_at >= :start AND {chosen} GROUP BY 1

-- name: count_ratings
SELECT CAST(at AT TIME ZONE 'UTC' AS date) AS day, count(*) FILTER (WHERE good) AS good,
       count(*) FILTER (WHERE NOT good) AS bad
FROM rating WHERE at >= :start AND {chosen} GROUP BY 1

-- name: sum_usage
SELECT CAST(at AT TIME ZONE 'UTC' AS date) AS day, model, count(*) AS calls,
       CAST(sum(input) AS bigint) AS input, CAST(coalesce(sum(cached), 0) AS bigint) AS cached,
       CAST(coalesce(sum(cache_write), 0) AS bigint) AS cache_write,
       CAST(sum(output) AS bigint) AS output
FROM usage WHERE at >= :start AND {chosen} GROUP BY 1, 2

-- name: count_by_channel
SELECT channel_id, count(*) AS questions FROM turn
WHERE created_at >= :start AND {chosen} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :most

-- name: sum_up
SELECT (SELECT count(*) FROM channel c
        WHERE CAST(:channels AS bigint[]) IS NULL OR c.id = ANY(CAST(:channels AS bigint[]))
       ) AS channels,
       (SELECT CAST(coalesce(sum(seq), 0) AS bigint) FROM channel c
        WHERE CAST(:channels AS bigint[]) IS NULL OR c.id = ANY(CAST(:channels AS bigint[]))
       ) AS heard,
       (SELECT count(*) FROM turn WHERE state IN ('waiting', 'running') AND {chosen}) AS waiting,
       (SELECT CAST(percentile_cont(0.5) WITHIN GROUP
               (ORDER BY extract(epoch FROM finished_at - created_at)) AS float8)
        FROM turn WHERE created_at >= :start AND state = 'done' AND {chosen}) AS median
