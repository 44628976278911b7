-- What embeddings.py runs.

-- name: are_made
-- Whether what was added last is there. An index held the codes before: it goes when all are packed.
SELECT to_regclass('ix_embedding_code') IS NULL AND EXISTS (
    SELECT FROM pg_attribute WHERE attrelid = to_regclass('embedding_codes')
    AND attname = 'c0' AND attstorage = 'p')

-- name: is_available
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')

-- name: create_extension
CREATE EXTENSION IF NOT EXISTS vector

-- name: create_embedding
CREATE TABLE IF NOT EXISTS embedding (
    channel_id bigint, seq bigint, model text NOT NULL, vector halfvec,
    PRIMARY KEY (channel_id, seq)
)

-- name: create_index_of_empty
CREATE INDEX IF NOT EXISTS ix_embedding_empty ON embedding (channel_id, seq)
WHERE vector IS NULL

-- name: add_code
-- One bit for each number of a vector.
ALTER TABLE embedding ADD COLUMN IF NOT EXISTS
    code bit varying GENERATED ALWAYS AS (binary_quantize(vector)) STORED

-- name: create_embedded
CREATE TABLE IF NOT EXISTS embedded (
    channel_id bigint PRIMARY KEY, model text NOT NULL,
    first_seq bigint NOT NULL, last_seq bigint NOT NULL
)

-- name: create_function
CREATE OR REPLACE FUNCTION empty_embedding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM embedding
    WHERE NEW.deleted AND channel_id = NEW.channel_id AND seq = NEW.seq;
    UPDATE embedding SET vector = NULL
    WHERE channel_id = NEW.channel_id AND seq BETWEEN NEW.seq - 1 AND NEW.seq + 1;
    RETURN NULL;
END $$

-- name: create_trigger
CREATE OR REPLACE TRIGGER empty_embedding AFTER UPDATE OF text ON message
FOR EACH ROW WHEN (OLD.text <> NEW.text OR NEW.deleted) EXECUTE FUNCTION empty_embedding()

-- name: get_size
-- As of one of them; one number alone is kept of what gets no vector.
SELECT length(code) FROM embedding WHERE model = :model AND length(code) > 1
ORDER BY channel_id DESC, seq DESC LIMIT 1

-- name: forget_done
DELETE FROM embedded WHERE model = :model

-- name: forget_vectors
DELETE FROM embedding WHERE model = :model

-- name: find_due
SELECT c.id FROM channel c LEFT JOIN embedded d ON d.channel_id = c.id AND d.model = :model
WHERE c.seq > 1 AND (d.channel_id IS NULL OR d.last_seq < c.seq - 1 OR d.first_seq > 1
    OR EXISTS (SELECT FROM embedding e WHERE e.channel_id = c.id AND e.vector IS NULL))
ORDER BY c.last_at DESC

-- name: own
n.author_name || ': ' || left(n.text, CAST(:longest AS int))

-- name: around
(SELECT string_agg({own}, E'\n' ORDER BY n.seq) FROM message n
 WHERE n.channel_id = :channel AND n.seq BETWEEN m.seq - 1 AND m.seq + 1 AND NOT n.deleted)

-- name: find_missing
WITH done AS (
    SELECT c.seq AS newest,
           coalesce(d.first_seq, c.seq) AS first, coalesce(d.last_seq, c.seq - 1) AS last
    FROM channel c LEFT JOIN embedded d ON d.channel_id = c.id AND d.model = :model
    WHERE c.id = :channel
), page AS (
    (SELECT 1 AS rank, seq FROM message, done
     WHERE channel_id = :channel AND seq > last AND seq < newest ORDER BY seq LIMIT :page)
    UNION ALL
    (SELECT 2, seq FROM message, done
     WHERE channel_id = :channel AND seq < first ORDER BY seq DESC LIMIT :page)
    UNION ALL
    (SELECT 3, seq FROM embedding
     WHERE channel_id = :channel AND vector IS NULL ORDER BY seq DESC LIMIT :page)
), texts AS (
    SELECT n.seq, CASE WHEN n.nellie OR n.deleted THEN '' ELSE {own} END AS own,
           coalesce({around}, '') AS around
    FROM page m JOIN message n ON n.channel_id = :channel AND n.seq = m.seq
    WHERE m.rank = (SELECT min(rank) FROM page)
)
SELECT seq, own, around, hashtextextended(around, 0) FROM texts

-- name: hold_channel
-- Who changes or forgets a message locks its channel for update, and waits until this has ended.
SELECT id FROM channel WHERE id = :channel FOR KEY SHARE

-- name: put
INSERT INTO embedding (channel_id, seq, model, vector)
SELECT :channel, m.seq, :model,
       CASE WHEN made.hash = hashtextextended({around}, 0)
            THEN CAST(made.vector AS halfvec) END
FROM json_to_recordset(CAST(:rows AS json)) AS made(seq bigint, hash bigint, vector text)
JOIN message m ON m.channel_id = :channel AND m.seq = made.seq AND NOT m.deleted
ON CONFLICT (channel_id, seq) DO UPDATE SET model = excluded.model, vector = excluded.vector

-- name: mark_done
-- Of another model nothing counts, and everything is dealt with anew. What was changed lies within.
INSERT INTO embedded AS d (channel_id, model, first_seq, last_seq)
VALUES (:channel, :model, :first, :last)
ON CONFLICT (channel_id) DO UPDATE SET
    model = excluded.model,
    first_seq = CASE WHEN d.model = excluded.model
                     THEN least(d.first_seq, :first) ELSE :first END,
    last_seq = CASE WHEN d.model = excluded.model
                    THEN greatest(d.last_seq, :last) ELSE :last END

-- name: code
-- The question's own, typed: a computed one would be copied for each comparison.
CAST(:code AS bit varying)

-- name: of_these_packs
FROM embedding_codes
WHERE channel_id = :channel AND size = CAST(:size AS int)
AND pack BETWEEN (SELECT first_seq >> 3 FROM done) AND (SELECT last_seq >> 3 FROM done)

-- name: find_nearest
-- Codes first, since vectors are wide. An edge, guessed from the first of each pack and half as far
-- again, leaves little to sort: sorting all of them takes longer than to read them.
WITH asked AS MATERIALIZED (
    SELECT CAST(CAST(:vector AS text) AS halfvec) AS vector
), done AS MATERIALIZED (
    SELECT first_seq, last_seq FROM embedded WHERE channel_id = :channel AND model = :model
), edge AS MATERIALIZED (
    SELECT coalesce((
        SELECT c0 <~> {code} AS away {of_these_packs} AND c0 IS NOT NULL
        ORDER BY away OFFSET CAST(:wide AS int) * 3 / 16 + 4 LIMIT 1
    ), CAST(:size AS int)) AS away
), likely AS MATERIALIZED (
    SELECT seq FROM (
        SELECT (pack << 3) + generate_series(0, 7) AS seq, unnest(ARRAY[
            c0 <~> {code}, c1 <~> {code}, c2 <~> {code}, c3 <~> {code}, c4 <~> {code},
            c5 <~> {code}, c6 <~> {code}, c7 <~> {code}
        ]) AS away
        {of_these_packs} AND (
            c0 <~> {code} <= (SELECT away FROM edge) OR
            c1 <~> {code} <= (SELECT away FROM edge) OR
            c2 <~> {code} <= (SELECT away FROM edge) OR
            c3 <~> {code} <= (SELECT away FROM edge) OR
            c4 <~> {code} <= (SELECT away FROM edge) OR
            c5 <~> {code} <= (SELECT away FROM edge) OR
            c6 <~> {code} <= (SELECT away FROM edge) OR c7 <~> {code} <= (SELECT away FROM edge)
        )
    ) codes
    WHERE away <= (SELECT away FROM edge)
    AND seq BETWEEN (SELECT first_seq FROM done) AND (SELECT last_seq FROM done)
    ORDER BY away, seq DESC LIMIT CAST(:wide AS int)
), usual AS MATERIALIZED (
    SELECT avg(near) AS near, greatest(stddev_pop(near), 0.01) AS spread
    FROM (SELECT -(vector <#> (SELECT vector FROM asked)) AS near FROM embedding
          WHERE channel_id = :channel AND model = :model AND vector_dims(vector) = CAST(:size AS int)
          AND seq > (SELECT last_seq FROM done) - CAST(:usual AS int)
         ) newest
), best AS MATERIALIZED (
    SELECT seq, vector <#> (SELECT vector FROM asked) AS away
    FROM embedding WHERE channel_id = :channel AND model = :model
    AND seq = ANY(ARRAY(SELECT seq FROM likely))
    ORDER BY away LIMIT :limit
)
SELECT best.seq, (-best.away - usual.near) / usual.spread, CAST(0 AS float8), ''
FROM best, usual WHERE -best.away > usual.near
