-- What search.py runs.

-- name: find_containing
SELECT seq FROM posting
WHERE channel_id = :channel AND term = ANY(CAST(:terms AS text[]))
GROUP BY seq HAVING count(*) = cardinality(CAST(:terms AS text[])) ORDER BY seq

-- name: scoring
-- What holds the terms that are `asked`, in a channel where so many have been `spoken`. BM25. In
-- double precision throughout: numeric, which Postgres would choose, takes ten times as long. What
-- holds for a term is computed once, from a first look at its postings; to read them twice takes less
-- than to keep them meanwhile. How many messages hold a term that stands in more than are read is
-- estimated from how densely those follow each other. The offset keeps the planner on its index.
found AS MATERIALIZED (
    SELECT term, newest.*
    FROM asked CROSS JOIN LATERAL (
        SELECT count(*) AS read, min(seq) AS oldest, sum(length) AS total
        FROM (
            SELECT seq, length FROM posting
            WHERE channel_id = :channel AND posting.term = asked.term AND seq <> :without
            ORDER BY posting.seq DESC LIMIT :cap
        ) p
    ) newest WHERE read > 0
), common AS (
    SELECT found.*, CAST(c.seq AS float8) AS messages, CASE
        WHEN read < CAST(:cap AS int) THEN CAST(read AS float8)
        ELSE CAST(c.seq AS float8) * read / greatest(c.seq - oldest + 1, read)
    END AS n
    FROM found, spoken c
), {weighing}, scored AS (
    {worth}
    FROM weighed CROSS JOIN LATERAL (
        SELECT seq, count, length FROM posting
        WHERE channel_id = :channel AND posting.term = weighed.term AND seq <> :without
        AND posting.seq >= weighed.oldest OFFSET 0
    ) hit
    {best}
)

-- name: asked
asked AS (
    SELECT term FROM unnest(CAST(:terms AS text[])) AS one(term)
), spoken AS (
    SELECT seq FROM channel WHERE id = :channel
)

-- name: scored
WITH {asked}, {scoring}

-- name: weighing
-- What each posting of the `common` terms counts.
weighed AS MATERIALIZED (
    SELECT common.*, read < CAST(:cap AS int) AS complete,
           ln(1 + (greatest(messages, n) - n + CAST(0.5 AS float8)) / (n + CAST(0.5 AS float8)))
               * CAST(2.2 AS float8) AS weight,
           CAST(0.9 AS float8)
               / greatest(CAST(sum(total) OVER () AS float8) / sum(read) OVER (), 1) AS long
    FROM common
)

-- name: worth
SELECT hit.seq, sum(weight * count / (count + CAST(0.3 AS float8) + long * hit.length)) AS score,
       count(*) FILTER (WHERE complete) AS held

-- name: best
GROUP BY hit.seq ORDER BY score DESC, hit.seq DESC LIMIT :limit

-- name: find_best
{scored}
SELECT {messages.columns}, scored.score FROM scored
JOIN message m ON m.channel_id = :channel AND m.seq = scored.seq
WHERE NOT m.deleted ORDER BY scored.score DESC, m.seq DESC

-- name: hits
-- With the text of what holds every term: it may ask the same. A term that stands in more messages
-- than are read may be held unseen; no question is that long.
SELECT m.seq, scored.score, date_part('epoch', m.said_at) AS at,
       CASE WHEN held = cardinality(CAST(:terms AS text[]))
                 - (SELECT count(*) FROM weighed WHERE NOT complete)
                 AND octet_length(m.text) < 10000 THEN m.text ELSE '' END AS text
FROM scored JOIN message m ON m.channel_id = :channel AND m.seq = scored.seq
WHERE NOT m.deleted ORDER BY scored.score DESC, m.seq DESC

-- name: find_hits
{scored} {hits}

-- name: hit_arrays
-- All of them in one row, as bot.store.search.to_hits reads it. Numbers as they are sent: of an array of
-- numbers, asyncpg asks each connection in three trips what it is, and Postgres keeps the plan of that.
SELECT string_agg(int8send(seq), CAST('' AS bytea)) AS hit_seqs,
       string_agg(float8send(score), CAST('' AS bytea)) AS hit_scores,
       string_agg(float8send(at), CAST('' AS bytea)) AS hit_times, array_agg(text) AS hit_texts
FROM ({hits}) hit

-- name: no_hits
-- The same columns, where nothing was looked for.
CAST(NULL AS bytea) AS hit_seqs, CAST(NULL AS bytea) AS hit_scores,
CAST(NULL AS bytea) AS hit_times, CAST(NULL AS text[]) AS hit_texts,
CAST(NULL AS boolean) AS was_searched, CAST(NULL AS float8) AS took

-- name: find_between
SELECT seq, CAST(0 AS float8), date_part('epoch', said_at), '' FROM message
WHERE channel_id = :channel AND said_at >= :start AND said_at < :end AND NOT deleted
ORDER BY said_at DESC LIMIT :limit

-- name: find_said_by
(SELECT seq FROM message
WHERE channel_id = :channel AND author_id = ANY(CAST(:authors AS text[])) AND NOT deleted
AND seq = ANY(CAST(:among AS bigint[]))
ORDER BY array_position(CAST(:among AS bigint[]), seq) LIMIT :limit)
UNION
(SELECT seq FROM message
WHERE channel_id = :channel AND author_id = ANY(CAST(:authors AS text[])) AND NOT deleted
AND said_at >= coalesce(CAST(:start AS timestamptz), '-infinity')
AND said_at < coalesce(CAST(:end AS timestamptz), 'infinity')
ORDER BY said_at DESC, seq DESC LIMIT :limit)

-- name: is_wanted
-- Of these people, or of everybody but Nellie; in a span of time; and not the question itself.
NOT m.deleted AND m.seq <> CAST(:without AS bigint)
AND CASE WHEN CAST(:authors AS text[]) IS NULL THEN NOT m.nellie
    ELSE m.author_id = ANY(CAST(:authors AS text[])) END
AND m.said_at >= coalesce(CAST(:start AS timestamptz), '-infinity')
AND m.said_at < coalesce(CAST(:end AS timestamptz), 'infinity')

-- name: find_wanted
{scored}
SELECT {messages.columns} FROM scored
JOIN message m ON m.channel_id = :channel AND m.seq = scored.seq
WHERE {is_wanted} ORDER BY scored.score DESC, m.seq DESC LIMIT :most

-- name: find_newest_wanted
SELECT {messages.columns} FROM message m
WHERE m.channel_id = :channel AND {is_wanted}
ORDER BY m.said_at DESC, m.seq DESC LIMIT :most
