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
), {search.weighing}, scored AS (
    {search.worth} FROM weighed, unnest(seqs, counts, lengths) AS hit(seq, count, length)
    {search.best}
)

-- name: key
p.document_id << 20 | p.number

-- name: columns
-- What bot.store.passage_search reads, first in its row.
p.document_id, p.number, p.heading, p.text, p.first_page, p.last_page, p.tokens,
post.name, post.kind, post.link, post.author, post.at, held.terms, held.counts, held.length

-- name: post
-- Where a document was posted last. One that nobody has posted any more is found no more.
CROSS JOIN LATERAL (
    SELECT f.name, d.kind, {link} AS link, coalesce(m.author_name, f.author_name) AS author,
           coalesce(m.said_at, f.at) AS at, f.seq
    FROM posted_file f JOIN document d ON d.channel_id = f.channel_id AND d.id = f.document_id
    LEFT JOIN message m ON m.channel_id = f.channel_id AND m.seq = f.seq
    WHERE f.channel_id = :channel AND f.document_id = p.document_id AND m.deleted IS NOT TRUE
    ORDER BY coalesce(m.said_at, f.at) DESC, f.seq DESC LIMIT 1
) post

-- name: link
-- Of the message, or the address that was read; a path of the operator's is nothing for people.
CASE f.origin WHEN 'post' THEN coalesce(m.link, '') WHEN 'link' THEN f.external_id ELSE '' END

-- name: held
-- Which of the terms a passage holds, and how often.
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(h.term), CAST(ARRAY[] AS text[])) AS terms,
           coalesce(array_agg(h.count), CAST(ARRAY[] AS smallint[])) AS counts,
           coalesce(max(h.length), 0) AS length
    FROM passage_posting h
    WHERE h.channel_id = :channel AND h.term = ANY(CAST(:terms AS text[]))
    AND h.document_id = p.document_id AND h.number = p.number
) held

-- name: find_terms
-- The terms that are asked for with, of some, the terms of documents that begin as they do, one by
-- one through the index. And how many messages hold each, up to a limit; how much there is of both.
WITH RECURSIVE asked AS (
    SELECT * FROM unnest(CAST(:terms AS text[]), CAST(:stems AS text[])) AS a(term, stem)
), walk AS (
    SELECT term AS asked, stem, 1 AS step, (
        SELECT min(p.term) FROM passage_posting p WHERE p.channel_id = :channel
        AND p.term >= a.stem AND p.term < a.stem || U&'\+10FFFF') AS term
    FROM asked a WHERE stem <> ''
    UNION ALL
    SELECT asked, stem, step + 1, (
        SELECT min(p.term) FROM passage_posting p WHERE p.channel_id = :channel
        AND p.term > walk.term AND p.term < walk.stem || U&'\+10FFFF')
    FROM walk WHERE walk.term IS NOT NULL AND step < CAST(:steps AS int)
), variants AS (
    SELECT term AS asked, term FROM asked
    UNION
    SELECT asked, term FROM walk WHERE term IS NOT NULL
)
SELECT asked, term,
       (SELECT count(*) FROM (
            SELECT FROM posting o WHERE o.channel_id = :channel AND o.term = v.term
            AND o.seq <> CAST(:without AS bigint) LIMIT CAST(:cap AS int)) said) AS said,
       (SELECT count(*) FROM (
            SELECT FROM passage_posting o WHERE o.channel_id = :channel AND o.term = v.term
            LIMIT CAST(:cap AS int)) read) AS read,
       (SELECT seq FROM channel WHERE id = :channel) AS messages,
       (SELECT coalesce(sum(passages), 0) FROM document WHERE channel_id = :channel) AS passages
FROM variants v

-- name: find_best
{scored}
SELECT {columns} FROM scored JOIN passage p ON p.channel_id = :channel
    AND p.document_id = scored.seq >> 20 AND p.number = scored.seq & 1048575
{post}
{held}
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
-- Passages of some documents: those that hold most of the terms, and those that they begin with.
WITH matched AS (
    SELECT p.document_id, p.number FROM unnest(CAST(:terms AS text[])) AS asked(term)
    JOIN passage_posting p ON p.channel_id = :channel AND p.term = asked.term
        AND p.document_id = ANY(CAST(:documents AS bigint[]))
    GROUP BY p.document_id, p.number ORDER BY count(*) DESC LIMIT :limit
)
SELECT {columns}
FROM passage p LEFT JOIN matched m USING (document_id, number)
{post}
{held}
WHERE p.channel_id = :channel AND p.document_id = ANY(CAST(:documents AS bigint[]))
AND (p.number <= :first OR m.number IS NOT NULL)

-- name: find_by_key
SELECT {columns} FROM passage p {post} {held}
WHERE p.channel_id = :channel
AND (p.document_id, p.number) IN (
    SELECT key >> 20, CAST(key & 1048575 AS int) FROM unnest(CAST(:keys AS bigint[])) AS key)
