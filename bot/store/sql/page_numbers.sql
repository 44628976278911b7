-- What page_numbers.py runs. No word of anybody's; without `:channels`, of all.

-- name: chosen
-- "= ANY" would compare each row with each of 10,000 channels, once the plan is a generic one.
(CAST(:channels AS bigint[]) IS NULL
 OR channel_id IN (SELECT unnest(CAST(:channels AS bigint[]))))

-- name: chosen_channels
(CAST(:channels AS bigint[]) IS NULL OR c.id IN (SELECT unnest(CAST(:channels AS bigint[]))))

-- name: count_turns
-- By day, and by channel: those have no day.
SELECT day, channel_id, count(*) AS questions,
       count(*) FILTER (WHERE state = 'done') AS answers,
       count(*) FILTER (WHERE state = 'failed') AS failures
FROM (SELECT CAST(created_at AT TIME ZONE 'UTC' AS date) AS day, channel_id, state
      FROM turn WHERE created_at >= :start AND {chosen}) t
GROUP BY GROUPING SETS ((day), (channel_id))

-- name: count_ratings
SELECT CAST(at AT TIME ZONE 'UTC' AS date) AS day, count(*) FILTER (WHERE good) AS good,
       count(*) FILTER (WHERE NOT good) AS bad
FROM rating WHERE at >= :start AND {chosen} GROUP BY 1

-- name: sum_usage
-- By model, and day, channel or author: `kind` says which. `seen_in` is a channel of an author's.
SELECT CASE grouping(day, channel_id, author_id) WHEN 3 THEN 'day' WHEN 5 THEN 'channel'
            ELSE 'person' END AS kind,
       day, channel_id, author_id, max(channel_id) AS seen_in, model, count(*) AS calls,
       CAST(sum(input) AS bigint) AS input, CAST(coalesce(sum(cached), 0) AS bigint) AS cached,
       CAST(coalesce(sum(cache_write), 0) AS bigint) AS cache_write,
       CAST(sum(output) AS bigint) AS output
FROM (SELECT CAST(at AT TIME ZONE 'UTC' AS date) AS day, channel_id, author_id, model, input,
             cached, cache_write, output
      FROM usage WHERE at >= :start AND {chosen}) u
GROUP BY GROUPING SETS ((day, model), (channel_id, model), (author_id, model))

-- name: spread_first_texts
-- By day, and over all of them: that has no day.
SELECT day, percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY first_text_ms) AS spread
FROM (SELECT CAST(at AT TIME ZONE 'UTC' AS date) AS day, first_text_ms
      FROM answer_trace WHERE at >= :start AND first_text_ms IS NOT NULL AND {chosen}) a
GROUP BY GROUPING SETS ((day), ())

-- name: find_whole
-- The median from a question to the end of its answer, in seconds.
SELECT CAST(percentile_cont(0.5) WITHIN GROUP
            (ORDER BY extract(epoch FROM finished_at - created_at)) AS float8) AS median
FROM turn WHERE created_at >= :start AND state = 'done' AND {chosen}

-- name: sum_up
SELECT count(*) AS channels, CAST(coalesce(sum(seq), 0) AS bigint) AS heard
FROM channel c WHERE {chosen_channels}

-- name: find_names
-- As people were called last where they asked.
SELECT person, (SELECT author_name FROM message m
                WHERE m.channel_id = seen.channel_id AND m.author_id = seen.person
                AND NOT m.deleted ORDER BY m.seq DESC LIMIT 1) AS name
FROM unnest(CAST(:people AS text[]), CAST(:seen_in AS bigint[])) AS seen(person, channel_id)

-- name: count_open
-- Written so that the index of open turns alone is read.
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
       count(*) FILTER (WHERE state = 'running') AS running,
       (SELECT count(*) FROM posted_file WHERE state = 'waiting' AND {chosen}) AS files
FROM turn WHERE state IN ('waiting', 'running') AND {chosen}

-- name: sum_unsummarized
-- What came in since compaction was due, as bot.store.backlog_stats counts it; and when that began,
-- looked for in the fullest windows, in each no further than so many messages.
WITH due AS (
    SELECT id, window_tokens, window_after, window_after_seq FROM channel c
    WHERE window_tokens > CAST(:high AS bigint) AND {chosen_channels}
), late AS (
    SELECT w.* FROM (SELECT * FROM due ORDER BY window_tokens DESC LIMIT :windows) d
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE so_far > CAST(:high AS bigint)) AS messages,
               min(said_at) FILTER (WHERE so_far > CAST(:high AS bigint)) AS oldest,
               count(*) >= :most AS more
        FROM (
            SELECT said_at, sum(tokens) OVER (ORDER BY said_at, seq) AS so_far
            FROM (
                SELECT said_at, seq, tokens FROM message
                WHERE channel_id = d.id AND NOT deleted AND said_at >= d.window_after
                AND (said_at, seq) > (d.window_after, d.window_after_seq)
                ORDER BY said_at, seq LIMIT :most
            ) m
        ) summed
    ) w
)
SELECT count(*) AS channels,
       CAST(coalesce(sum(window_tokens - CAST(:high AS bigint)), 0) AS bigint) AS tokens,
       CAST(coalesce((SELECT sum(messages) FROM late), 0) AS bigint) AS messages,
       (SELECT min(oldest) FROM late) AS oldest,
       count(*) > :windows OR coalesce((SELECT bool_or(more) FROM late), false) AS at_least
FROM due
