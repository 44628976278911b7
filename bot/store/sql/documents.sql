-- What documents.py runs.

-- name: find
SELECT id FROM document WHERE channel_id = :channel AND sha256 = :sha256

-- name: add
-- Nothing where its content is known; should another replica store the same at this moment, this
-- waits until that has ended.
INSERT INTO document (channel_id, sha256, kind, title, pages, passages, tokens, notes)
VALUES (:channel, :sha256, :kind, :title, :pages, 0, 0, CAST(:notes AS text[]))
ON CONFLICT (channel_id, sha256) DO NOTHING RETURNING id

-- name: given
json_to_recordset(CAST(:rows AS json)) AS given(
    number int, heading text, text text, first_page int, last_page int, tokens int,
    terms json, length smallint)

-- name: add_passages
WITH given AS MATERIALIZED (SELECT * FROM {given}), stored AS (
    INSERT INTO passage (channel_id, document_id, number, heading, text, first_page, last_page,
                         tokens)
    SELECT :channel, :document, number, heading, text, first_page, last_page, tokens FROM given
), indexed AS (
    INSERT INTO passage_posting (channel_id, term, document_id, number, count, length)
    SELECT :channel, t.key, :document, number, CAST(t.value AS smallint), length
    FROM given, json_each_text(terms) t
)
UPDATE document SET passages = passages + (SELECT count(*) FROM given),
    tokens = tokens + (SELECT coalesce(sum(tokens), 0) FROM given)
WHERE channel_id = :channel AND id = :document

-- name: passages
SELECT number, heading, text, first_page, last_page, tokens FROM passage
WHERE channel_id = :channel AND document_id = :document AND number > :after
ORDER BY number LIMIT :limit

-- name: is_left
-- Whether nobody has posted it any more.
SELECT id FROM document d WHERE channel_id = :channel AND id = :document AND NOT EXISTS (
    SELECT FROM posted_file f WHERE f.channel_id = :channel AND f.document_id = d.id)
