-- What posted_files.py runs.

-- name: given_columns
external_id, name, media_type, size, alt, address, state

-- name: given
-- Files of a message as bot.store.posted_files.to_file_row writes them.
json_to_recordset(f.files) AS file(
    external_id text, name text, media_type text, size bigint, alt text, address text, state text)

-- name: release
-- Which documents nobody has posted any more once these messages, or files of them, are gone.
WITH gone AS (
    DELETE FROM posted_file WHERE {going} RETURNING seq, external_id, document_id
), uploads AS (
    DELETE FROM upload_piece u USING gone WHERE u.channel_id = :channel AND u.file_id = gone.external_id
)
{released}

-- name: going
channel_id = :channel AND seq = ANY(CAST(:seqs AS bigint[]))
AND (CAST(:kept AS text[]) IS NULL OR NOT external_id = ANY(CAST(:kept AS text[])))
AND (CAST(:files AS text[]) IS NULL OR external_id = ANY(CAST(:files AS text[])))

-- name: keep_out
-- A file that was forgotten while its message stays does not come back with an edit of that.
INSERT INTO posted_file (channel_id, seq, {given_columns})
SELECT :channel, seq, :file, '', '', 0, '', '', 'forgotten' FROM message
WHERE channel_id = :channel AND seq = ANY(CAST(:seqs AS bigint[])) AND NOT deleted
ON CONFLICT DO NOTHING

-- name: losing_pictures
-- The messages that a picture would go from.
SELECT DISTINCT seq FROM posted_file WHERE {going} AND state = 'picture'

-- name: release_added
-- The same of what a person, or everybody, has added without a message; with what they have brought.
WITH gone AS (
    DELETE FROM posted_file WHERE channel_id = :channel AND seq = 0
    AND (CAST(:person AS text) IS NULL OR author_id = :person)
    RETURNING seq, external_id, document_id
), uploads AS (
    DELETE FROM upload_piece WHERE channel_id = :channel
    AND (CAST(:person AS text) IS NULL OR person_id = :person)
)
{released}

-- name: released
SELECT DISTINCT document_id FROM gone WHERE document_id IS NOT NULL
AND NOT EXISTS (
    SELECT FROM posted_file f WHERE f.channel_id = :channel
    AND f.document_id = gone.document_id
    AND NOT EXISTS (
        SELECT FROM gone g WHERE g.seq = f.seq AND g.external_id = f.external_id))

-- name: weigh
-- Which documents would go with these messages, and with what was added by a person or everybody;
-- and a row for each of those that were added and not read so far.
WITH gone AS (
    SELECT seq, external_id, document_id FROM posted_file
    WHERE channel_id = :channel AND (seq = ANY(CAST(:seqs AS bigint[])) OR seq = 0
        AND (:everybody OR author_id = CAST(:person AS text) AND author_id <> ''))
), going AS ({released})
SELECT document_id FROM going
UNION ALL SELECT NULL FROM gone WHERE seq = 0 AND document_id IS NULL

-- name: find_expired
-- What no message brought is as old as it was added, or added again.
SELECT f.channel_id, f.external_id FROM posted_file f JOIN channel c ON c.id = f.channel_id
WHERE f.seq = 0 AND coalesce(c.retention, :days) > 0 AND f.at
    < now() - make_interval(days => least(greatest(coalesce(c.retention, :days), 1), 36500))
ORDER BY f.at LIMIT :limit

-- name: delete_documents
WITH passages AS (
    DELETE FROM passage
    WHERE channel_id = :channel AND document_id = ANY(CAST(:documents AS bigint[]))
), postings AS (
    DELETE FROM passage_posting
    WHERE channel_id = :channel AND document_id = ANY(CAST(:documents AS bigint[]))
)
DELETE FROM document
WHERE channel_id = :channel AND id = ANY(CAST(:documents AS bigint[]))

-- name: add_to_message
-- Files that an edit has added to a message that is remembered, or that it links to; of those that
-- it had, what the platform says of them by now, where it says something.
INSERT INTO posted_file (channel_id, seq, origin, {given_columns})
SELECT :channel, m.seq, :origin, file.*
FROM message m, (SELECT CAST(:files AS json) AS files) f, {given}
WHERE m.channel_id = :channel AND m.seq = :seq AND NOT m.deleted
ON CONFLICT (channel_id, seq, external_id) DO UPDATE SET
    name = excluded.name, media_type = excluded.media_type, size = excluded.size,
    alt = excluded.alt, address = excluded.address,
    state = CASE WHEN posted_file.media_type = '' AND excluded.state <> 'waiting'
        THEN excluded.state ELSE posted_file.state END
WHERE excluded.media_type <> '' AND posted_file.state <> 'forgotten' AND (
    posted_file.name, posted_file.media_type, posted_file.alt, posted_file.address
) IS DISTINCT FROM (excluded.name, excluded.media_type, excluded.alt, excluded.address)

-- name: find_posts
-- Where a file stands; by the platform's id of it.
SELECT f.channel_id, array_agg(f.seq) AS seqs
FROM posted_file f JOIN channel c ON c.id = f.channel_id
WHERE f.external_id = :file AND f.origin = 'post'
AND c.platform = :platform AND c.workspace = :workspace
GROUP BY f.channel_id

-- name: posts
-- Files as bot.store.posted_files._to_post reads them.
SELECT f.*, d.kind, d.pages, d.notes, d.sha256,
       m.author_name AS posted_by, m.author_id AS poster, m.said_at, m.link
FROM posted_file f
LEFT JOIN document d ON d.channel_id = f.channel_id AND d.id = f.document_id
LEFT JOIN message m ON m.channel_id = f.channel_id AND m.seq = f.seq
WHERE f.channel_id = :channel

-- name: in_channel
-- The newest first. What is never read is not among them.
{posts} AND f.state IN ('waiting', 'read', 'unreadable')
ORDER BY coalesce(m.said_at, f.at) DESC, f.seq DESC, f.external_id LIMIT :limit

-- name: of_messages
{posts} AND f.seq = ANY(CAST(:seqs AS bigint[])) AND f.state <> 'forgotten'
ORDER BY f.seq, f.at, f.external_id

-- name: of_documents
{posts} AND f.document_id = ANY(CAST(:documents AS bigint[]))
ORDER BY coalesce(m.said_at, f.at) DESC, f.seq DESC, f.external_id

-- name: add
-- Without a message. What was added before is read anew; until then, what was read of it stays.
INSERT INTO posted_file (channel_id, seq, origin, author_id, author_name, {given_columns})
SELECT :channel, 0, :origin, CASE WHEN known.kept THEN :person ELSE '' END,
       CASE WHEN known.kept THEN :person_name ELSE '' END, file.*
FROM (SELECT CAST(:files AS json) AS files) f, {given}, (
    SELECT NOT EXISTS (
        SELECT FROM optout WHERE channel_id = :channel AND author_id = :person) AS kept) known
ON CONFLICT (channel_id, seq, external_id) DO UPDATE SET
    name = excluded.name, media_type = excluded.media_type, size = excluded.size,
    author_id = excluded.author_id, author_name = excluded.author_name, at = now(),
    state = 'waiting', note = '', mendable = false, attempts = 0, due_at = now(), owner = NULL,
    progress = ''

-- name: read_again
-- A claim that somebody holds is void: they may have fetched what it said before.
UPDATE posted_file f SET state = 'waiting', note = '', mendable = false, progress = '',
    attempts = CASE WHEN f.owner IS NULL THEN 0 ELSE f.attempts END, owner = NULL,
    due_at = now() + make_interval(secs => :seconds)
FROM channel c
WHERE f.external_id = :file AND f.origin = 'post' AND c.id = f.channel_id
AND c.platform = :platform AND c.workspace = :workspace
AND (f.state IN ('read', 'unreadable') OR f.state = 'waiting' AND f.owner IS NOT NULL)

-- name: hear
-- By the time of their messages, as other files that were posted before.
UPDATE posted_file f SET state = 'waiting', due_at = coalesce((
    SELECT said_at FROM message m WHERE m.channel_id = f.channel_id AND m.seq = f.seq), f.at)
FROM channel c WHERE f.state = 'sound' AND c.id = f.channel_id
AND (f.origin <> 'post' OR c.platform = ANY(CAST(:platforms AS text[])))

-- name: try_again
-- Of platforms whose rights may have been given meanwhile.
UPDATE posted_file SET state = 'waiting', note = '', mendable = false, attempts = 0, due_at = now()
WHERE (channel_id, seq, external_id) IN (
    SELECT f.channel_id, f.seq, f.external_id
    FROM posted_file f JOIN channel c ON c.id = f.channel_id
    WHERE f.state = 'unreadable' AND f.mendable AND c.platform = ANY(CAST(:platforms AS text[]))
    ORDER BY f.at DESC LIMIT :limit FOR UPDATE OF f SKIP LOCKED)
