-- What embedding_codes.py runs.

-- name: create_table
-- The codes of eight messages in one row, those of vectors of one size: to read a row takes longer
-- than to compare a code, and columns are soonest read.
CREATE TABLE IF NOT EXISTS embedding_codes (
    channel_id bigint, size int, pack bigint,
    c0 bit varying, c1 bit varying, c2 bit varying, c3 bit varying, c4 bit varying,
    c5 bit varying, c6 bit varying, c7 bit varying,
    PRIMARY KEY (channel_id, size, pack)
)

-- name: keep_plain
-- A short value is else kept under a short header, and copied each time before it is compared.
ALTER TABLE embedding_codes
    ALTER c0 SET STORAGE PLAIN, ALTER c1 SET STORAGE PLAIN, ALTER c2 SET STORAGE PLAIN,
    ALTER c3 SET STORAGE PLAIN, ALTER c4 SET STORAGE PLAIN, ALTER c5 SET STORAGE PLAIN,
    ALTER c6 SET STORAGE PLAIN, ALTER c7 SET STORAGE PLAIN

-- name: mark_unpacked
-- An index of this name held the codes before. Where there was none, an empty one tells, for as long as
-- not all are packed, that they are to be.
CREATE INDEX IF NOT EXISTS ix_embedding_code ON embedding (channel_id) WHERE false

-- name: put
INSERT INTO embedding_codes AS p (channel_id, size, pack, c0, c1, c2, c3, c4, c5, c6, c7)
SELECT channel_id, length(code), seq >> 3,
    bit_or(bits) FILTER (WHERE seq & 7 = 0), bit_or(bits) FILTER (WHERE seq & 7 = 1),
    bit_or(bits) FILTER (WHERE seq & 7 = 2), bit_or(bits) FILTER (WHERE seq & 7 = 3),
    bit_or(bits) FILTER (WHERE seq & 7 = 4), bit_or(bits) FILTER (WHERE seq & 7 = 5),
    bit_or(bits) FILTER (WHERE seq & 7 = 6), bit_or(bits) FILTER (WHERE seq & 7 = 7)

-- name: bits
-- Of the largest vectors, so much as fits into a page eight times.
CROSS JOIN LATERAL (SELECT substring(code FROM 1 FOR 8000) AS bits) b

-- name: into_their_packs
WHERE length(code) > 1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (channel_id, size, pack) DO UPDATE SET
    c0 = coalesce(excluded.c0, p.c0), c1 = coalesce(excluded.c1, p.c1),
    c2 = coalesce(excluded.c2, p.c2), c3 = coalesce(excluded.c3, p.c3),
    c4 = coalesce(excluded.c4, p.c4), c5 = coalesce(excluded.c5, p.c5),
    c6 = coalesce(excluded.c6, p.c6), c7 = coalesce(excluded.c7, p.c7)

-- name: make_plain
-- What is inserted has a short header, whatever its column asks for. What is updated has what it asks
-- for, if the value is a new one.
UPDATE embedding_codes p SET
    c0 = c0 || B'', c1 = c1 || B'', c2 = c2 || B'', c3 = c3 || B'',
    c4 = c4 || B'', c5 = c5 || B'', c6 = c6 || B'', c7 = c7 || B''

-- name: of_these
WHERE p.channel_id = made.channel_id AND p.size = made.size AND p.pack = made.pack
AND least(pg_column_size(c0) - octet_length(c0), pg_column_size(c1) - octet_length(c1),
          pg_column_size(c2) - octet_length(c2), pg_column_size(c3) - octet_length(c3),
          pg_column_size(c4) - octet_length(c4), pg_column_size(c5) - octet_length(c5),
          pg_column_size(c6) - octet_length(c6), pg_column_size(c7) - octet_length(c7)) < 8

-- name: their_packs
SELECT DISTINCT channel_id, length(code) AS size, seq >> 3 AS pack

-- name: gone
SELECT channel_id, length(code) AS size, seq >> 3 AS pack,
       bit_or(1 << CAST(seq & 7 AS int)) AS places
FROM old_rows WHERE length(code) > 1 GROUP BY 1, 2, 3

-- name: create_function
-- Each statement changes only its own places of a pack, whoever changes others at the same time.
CREATE OR REPLACE FUNCTION keep_embedding_codes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE embedding_codes p SET
            c0 = CASE WHEN places & 1 = 0 THEN c0 END, c1 = CASE WHEN places & 2 = 0 THEN c1 END,
            c2 = CASE WHEN places & 4 = 0 THEN c2 END, c3 = CASE WHEN places & 8 = 0 THEN c3 END,
            c4 = CASE WHEN places & 16 = 0 THEN c4 END,
            c5 = CASE WHEN places & 32 = 0 THEN c5 END,
            c6 = CASE WHEN places & 64 = 0 THEN c6 END,
            c7 = CASE WHEN places & 128 = 0 THEN c7 END
        FROM ({gone}) gone
        WHERE p.channel_id = gone.channel_id AND p.size = gone.size AND p.pack = gone.pack;
        DELETE FROM embedding_codes p USING ({gone}) gone
        WHERE p.channel_id = gone.channel_id AND p.size = gone.size AND p.pack = gone.pack
        AND num_nonnulls(c0, c1, c2, c3, c4, c5, c6, c7) = 0;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        {put} FROM new_rows {bits} {into_their_packs};
        {make_plain} FROM ({their_packs} FROM new_rows WHERE length(code) > 1) made {of_these};
    END IF;
    RETURN NULL;
END $$

-- name: create_trigger_of_new
CREATE OR REPLACE TRIGGER put_codes AFTER INSERT ON embedding
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_embedding_codes()

-- name: create_trigger_of_changed
CREATE OR REPLACE TRIGGER change_codes AFTER UPDATE ON embedding
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_embedding_codes()

-- name: create_trigger_of_gone
CREATE OR REPLACE TRIGGER drop_codes AFTER DELETE ON embedding
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_embedding_codes()

-- name: hold
-- Who changes one waits until the page is packed.
LOCK TABLE embedding IN SHARE MODE

-- name: page
SELECT channel_id, seq, code FROM embedding
WHERE (channel_id, seq) > (CAST(:channel AS bigint), CAST(:seq AS bigint))
ORDER BY channel_id, seq LIMIT :page

-- name: pack_page
WITH page AS MATERIALIZED ({page}), packed AS (
    {put} FROM page {bits} {into_their_packs}
)
SELECT channel_id, seq FROM page ORDER BY channel_id DESC, seq DESC LIMIT 1

-- name: make_page_plain
WITH page AS MATERIALIZED ({page})
{make_plain} FROM ({their_packs} FROM page WHERE length(code) > 1) made {of_these}

-- name: drop_former_index
DROP INDEX IF EXISTS ix_embedding_code
