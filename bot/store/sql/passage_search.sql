-- What passage_search.py runs.

-- name: scored
-- As messages are scored (search.sql). A passage goes by one number: its document's, then its own.
-- How many passages hold a term that stands in more than are read is estimated from how many there
-- are in the documents that were read.
WITH documents AS MATERIALIZED (
    SELECT id, sum(passages) OVER (ORDER BY id DESC) AS since, sum(passages) OVER () AS passages
    FROM document WHERE channel_id = :channel
), found AS MATERIALIZED (
    SELECT term, newest.*, cardinality(seqs) AS read
    FROM unnest(CAST(:terms AS text[])) AS asked(term)
    CROSS JOIN LATERAL (
        SELECT array_agg(seq) AS seqs, array_agg(count) AS counts, array_agg(length) AS lengths,
               min(seq) AS oldest, sum(length) AS total
        FROM (
            SELECT {key} AS seq, count, length FROM passage_posting p
            WHERE channel_id = :channel AND p.term = asked.term
            ORDER BY p.document_id DESC, p.number DESC LIMIT :cap
        ) p
    ) newest WHERE seqs IS NOT NULL
), common AS (
    SELECT found.*, CAST(d.passages AS float8) AS messages, CASE
        WHEN read < CAST(:cap AS int) THEN CAST(read AS float8)
        ELSE CAST(d.passages AS float8) * read
            / greatest(d.since - (found.oldest & 1048575) + 1, read)
    END AS n
    FROM found JOIN documents d ON d.id = found.oldest >> 20
), {search.weighing}

-- name: key
p.document_id << 20 | p.number

-- name: columns
-- What bot.store.passage_search reads, first in its row.
p.document_id, p.number, p.heading, p.text, p.first_page, p.last_page, p.tokens,
post.name, post.link, post.author, post.at

-- name: post
-- Where a document was posted last. One that nobody has posted any more is found no more.
CROSS JOIN LATERAL (
    SELECT f.name, {link} AS link, coalesce(m.author_name, f.author_name) AS author,
           coalesce(m.said_at, f.at) AS at
    FROM posted_file f LEFT JOIN message m ON m.channel_id = f.channel_id AND m.seq = f.seq
    WHERE f.channel_id = :channel AND f.document_id = p.document_id AND m.deleted IS NOT TRUE
    ORDER BY coalesce(m.said_at, f.at) DESC, f.seq DESC LIMIT 1
) post

-- name: link
-- Of the message, or the address that was read; a path of the operator's is nothing for people.
CASE f.origin WHEN 'post' THEN coalesce(m.link, '') WHEN 'link' THEN f.external_id ELSE '' END

-- name: find_best
-- With what each term weighs, the same in every row.
{scored}
SELECT {columns}, scored.score, (SELECT json_object_agg(term, weight) FROM weighed) AS weights,
       (SELECT max(messages) FROM common) AS passages
FROM scored JOIN passage p ON p.channel_id = :channel
    AND p.document_id = scored.seq >> 20 AND p.number = scored.seq & 1048575
{post}
ORDER BY scored.score DESC, p.document_id DESC, p.number

-- name: find_files
-- The files that were read, first those that stand where the question does, then those whose name
-- or title holds one of these words, then the newest.
SELECT document_id, name, title, kind, passages, tokens, author_id, author_name, at, place
FROM (
    SELECT f.document_id, f.seq, f.name, d.title, d.kind, d.passages, d.tokens,
           coalesce(m.author_id, f.author_id) AS author_id,
           coalesce(m.author_name, f.author_name) AS author_name,
           coalesce(m.said_at, f.at) AS at,
           CASE WHEN m.seq = CAST(:seq AS bigint) OR m.external_id = :reply_to THEN 'asked'
                WHEN m.thread = :thread OR m.external_id = :thread THEN 'thread'
                ELSE '' END AS place
    FROM posted_file f JOIN document d ON d.channel_id = f.channel_id AND d.id = f.document_id
    LEFT JOIN message m ON m.channel_id = f.channel_id AND m.seq = f.seq
    WHERE f.channel_id = :channel AND m.deleted IS NOT TRUE
) file
ORDER BY place = '', place, NOT lower(name || ' ' || title) LIKE ANY(CAST(:words AS text[])),
    at DESC, seq DESC
LIMIT :limit

-- name: find_within
-- Passages of some documents: the best of those that hold the terms, and those that they begin with.
WITH matched AS (
    SELECT p.document_id, p.number,
           sum(weight * count / (count + CAST(0.3 AS float8)
               + CAST(0.9 AS float8) * length / CAST(:usual AS float8))) AS score
    FROM unnest(CAST(:terms AS text[]), CAST(:weights AS float8[])) AS asked(term, weight)
    JOIN passage_posting p ON p.channel_id = :channel AND p.term = asked.term
        AND p.document_id = ANY(CAST(:documents AS bigint[]))
    GROUP BY p.document_id, p.number ORDER BY score DESC LIMIT :limit
)
SELECT {columns}, coalesce(matched.score, 0) AS score
FROM passage p LEFT JOIN matched USING (document_id, number)
{post}
WHERE p.channel_id = :channel AND p.document_id = ANY(CAST(:documents AS bigint[]))
AND (p.number <= :first OR matched.score IS NOT NULL)

-- name: find_by_key
SELECT {columns}, CAST(0 AS float8) AS score FROM passage p {post}
WHERE p.channel_id = :channel
AND (p.document_id, p.number) IN (
    SELECT key >> 20, CAST(key & 1048575 AS int) FROM unnest(CAST(:keys AS bigint[])) AS key)
