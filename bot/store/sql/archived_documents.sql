-- What archived_documents.py runs.

-- name: next
SELECT id, sha256, kind, title, pages, notes FROM document
WHERE channel_id = :channel AND id > :after ORDER BY id LIMIT 1

-- name: places
SELECT f.*, m.external_id AS message_id FROM posted_file f
LEFT JOIN message m ON m.channel_id = f.channel_id AND m.seq = f.seq
WHERE f.channel_id = :channel AND f.document_id = :document ORDER BY f.seq, f.external_id

-- name: place
-- Where a document stands that an archive brings; not with what was forgotten, or never came, nor
-- by whom who has been forgotten since.
WITH place AS (
    SELECT CAST(:message AS text) AS message, CAST(:origin AS text) AS origin,
           CAST(:person AS text) AS person, CAST(:person_name AS text) AS person_name,
           CAST(:at AS timestamptz) AS at, CAST(:files AS json) AS files
), here AS (
    SELECT m.seq, '' AS person, '' AS person_name, now() AS at, files
    FROM place JOIN message m ON m.channel_id = :channel AND m.external_id = place.message
    WHERE origin = 'post' AND NOT m.deleted
    UNION ALL
    SELECT 0, CASE WHEN o.author_id IS NULL THEN person ELSE '' END,
           CASE WHEN o.author_id IS NULL THEN person_name ELSE '' END, at, files
    FROM place LEFT JOIN optout o ON o.channel_id = :channel AND o.author_id = person
    WHERE origin <> 'post' AND NOT EXISTS (
        SELECT FROM forgetting f WHERE f.channel_id = :channel
        AND f.person IN ('', :fingerprint) AND f.at >= place.at)
), former AS (
    SELECT f.document_id FROM posted_file f, here, {given_here}
    WHERE f.channel_id = :channel AND f.seq = here.seq AND f.external_id = file.external_id
)
INSERT INTO posted_file (channel_id, seq, origin, author_id, author_name, at, document_id,
                         {posted_files.given_columns})
SELECT :channel, here.seq, CAST(:origin AS text), here.person, here.person_name, here.at,
       CAST(:document AS bigint), file.*
FROM here, {given_here}
ON CONFLICT (channel_id, seq, external_id) DO UPDATE SET
    state = 'read', document_id = excluded.document_id, owner = NULL, note = '', progress = ''
WHERE posted_file.state <> 'forgotten'
RETURNING coalesce((SELECT document_id FROM former), 0) AS former

-- name: given_here
json_to_recordset(here.files) AS file(
    external_id text, name text, media_type text, size bigint, alt text, address text, state text)
