-- What usage.py runs.

-- name: add
INSERT INTO usage (channel_id, purpose, turn_id, author_id, payer, attempt, model, input, cached,
                   cache_write, output, estimated)
VALUES (:channel_id, :purpose, :turn_id, :author_id, :payer, :attempt, :model, :input, :cached,
        :cache_write, :output, :estimated)

-- name: get_since
SELECT purpose, model, count(*) AS calls, sum(input) AS input, sum(cached) AS cached,
       sum(cache_write) AS cache_write, sum(output) AS output FROM usage
WHERE channel_id = :channel AND at >= :start
GROUP BY purpose, model ORDER BY sum(input) + 5 * sum(output) DESC

-- name: is_opted_out
{channels.is_opted_out}
