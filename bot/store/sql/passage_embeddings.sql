-- What passage_embeddings.py runs. A passage goes by one number (passage_search.sql).

-- name: are_made
SELECT to_regclass('embedded_document') IS NOT NULL

-- name: is_available
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')

-- name: create_extension
CREATE EXTENSION IF NOT EXISTS vector

-- name: create_embedding
CREATE TABLE IF NOT EXISTS passage_embedding (
    channel_id bigint, seq bigint, model text NOT NULL, vector halfvec,
    code bit varying GENERATED ALWAYS AS (binary_quantize(vector)) STORED,
    PRIMARY KEY (channel_id, seq)
)

-- name: create_index_of_codes
CREATE INDEX IF NOT EXISTS ix_passage_embedding_code
ON passage_embedding (channel_id, seq) INCLUDE (code)

-- name: create_embedded
-- How far a document is: its passages up to this one.
CREATE TABLE IF NOT EXISTS embedded_document (
    channel_id bigint, document_id bigint, model text NOT NULL, last int NOT NULL,
    PRIMARY KEY (channel_id, document_id)
)

-- name: create_function
CREATE OR REPLACE FUNCTION delete_passage_embeddings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM passage_embedding
    WHERE channel_id = OLD.channel_id AND seq BETWEEN OLD.id << 20 AND (OLD.id + 1) << 20;
    DELETE FROM embedded_document WHERE channel_id = OLD.channel_id AND document_id = OLD.id;
    RETURN NULL;
END $$

-- name: create_trigger
CREATE OR REPLACE TRIGGER delete_passage_embeddings AFTER DELETE ON document
FOR EACH ROW EXECUTE FUNCTION delete_passage_embeddings()

-- name: get_size
SELECT length(code) FROM passage_embedding WHERE model = :model AND length(code) > 1
ORDER BY channel_id DESC, seq DESC LIMIT 1

-- name: forget_done
DELETE FROM embedded_document WHERE model = :model

-- name: forget_vectors
DELETE FROM passage_embedding WHERE model = :model

-- name: left
-- Documents of which not every passage has a vector of this model.
FROM document d LEFT JOIN embedded_document e
    ON e.channel_id = d.channel_id AND e.document_id = d.id AND e.model = :model
WHERE d.passages > coalesce(e.last, 0)

-- name: find_due
SELECT DISTINCT d.channel_id {left}

-- name: find_missing
-- Of the newest document; the text in two halves, since embedders read only so much.
WITH next AS (
    SELECT d.id, coalesce(e.last, 0) AS last {left} AND d.channel_id = :channel
    ORDER BY d.id DESC LIMIT 1
), texts AS (
    SELECT p.document_id << 20 | p.number AS seq, p.text,
           concat_ws(E'\n', nullif(d.title, ''), nullif(p.heading, ''), '') AS head
    FROM next JOIN document d ON d.channel_id = :channel AND d.id = next.id
    JOIN passage p ON p.channel_id = :channel AND p.document_id = next.id
        AND p.number > next.last
    ORDER BY p.number LIMIT :page
)
SELECT seq, head || left(text, half), head || right(text, half), CAST(0 AS bigint)
FROM texts, LATERAL (
    SELECT CASE WHEN length(text) <= CAST(:longest AS int) THEN length(text)
        ELSE (length(text) + 1) / 2 END AS half
) h ORDER BY seq

-- name: hold_channel
-- Who forgets a document locks its channel for update, and waits until this has ended.
SELECT id FROM channel WHERE id = :channel FOR KEY SHARE

-- name: put
INSERT INTO passage_embedding (channel_id, seq, model, vector)
SELECT :channel, made.seq, :model, CAST(made.vector AS halfvec)
FROM json_to_recordset(CAST(:rows AS json)) AS made(seq bigint, hash bigint, vector text)
JOIN document d ON d.channel_id = :channel AND d.id = made.seq >> 20
ON CONFLICT (channel_id, seq) DO UPDATE SET model = excluded.model, vector = excluded.vector

-- name: mark_done
INSERT INTO embedded_document AS e (channel_id, document_id, model, last)
SELECT :channel, d.id, :model, CAST(CAST(:last AS bigint) & 1048575 AS int) FROM document d
WHERE d.channel_id = :channel AND d.id = CAST(:first AS bigint) >> 20
ON CONFLICT (channel_id, document_id) DO UPDATE SET model = excluded.model, last = excluded.last

-- name: find_nearest
-- Codes first, since vectors are wide.
WITH asked AS MATERIALIZED (
    SELECT vector, binary_quantize(vector) AS code
    FROM (SELECT CAST(CAST(:vector AS text) AS halfvec) AS vector) given
), likely AS MATERIALIZED (
    SELECT seq FROM passage_embedding
    WHERE channel_id = :channel AND length(code) = :size
    ORDER BY code <~> (SELECT code FROM asked) LIMIT CAST(:wide AS int)
), usual AS MATERIALIZED (
    SELECT avg(near) AS near, greatest(stddev_pop(near), 0.01) AS spread
    FROM (SELECT -(vector <#> (SELECT vector FROM asked)) AS near FROM passage_embedding
          WHERE channel_id = :channel AND model = :model AND vector_dims(vector) = :size
          ORDER BY seq DESC LIMIT CAST(:usual AS int)
         ) newest
), best AS MATERIALIZED (
    SELECT seq, vector <#> (SELECT vector FROM asked) AS away
    FROM likely JOIN passage_embedding e USING (seq)
    WHERE e.channel_id = :channel AND e.model = :model
    ORDER BY away LIMIT :limit
)
SELECT best.seq, (-best.away - usual.near) / usual.spread, CAST(0 AS float8), ''
FROM best, usual WHERE -best.away > usual.near
