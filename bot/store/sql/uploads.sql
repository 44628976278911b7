-- What uploads.py runs. A file is its pieces; which message it is of, posted_file says.

-- name: whose
platform = :platform AND person_id = :person

-- name: room
-- How much of this person waits beside this file, and how much of everybody; and whether nothing of
-- theirs is remembered there.
SELECT (SELECT count(DISTINCT file_id) FROM upload_piece WHERE {whose} AND file_id <> :file) AS files,
       (SELECT coalesce(sum(octet_length(data)), 0) FROM upload_piece WHERE {whose}) AS bytes,
       (SELECT count(*) FROM upload_piece) AS pieces,
       EXISTS (SELECT FROM optout WHERE channel_id = :channel AND author_id = :person) AS opted_out

-- name: add
INSERT INTO upload_piece (file_id, number, channel_id, platform, person_id, data)
VALUES (:file, :number, :channel, :platform, :person, :data)

-- name: get
SELECT data FROM upload_piece
WHERE file_id = :file AND channel_id = :channel AND number = :number

-- name: let_go
DELETE FROM upload_piece WHERE file_id = ANY(CAST(:files AS text[])) AND channel_id = :channel

-- name: drop_old
-- And what was read by a replica that died of letting it go.
DELETE FROM upload_piece u WHERE at < now() - make_interval(hours => :hours)
OR EXISTS (SELECT FROM posted_file f WHERE f.channel_id = u.channel_id AND f.external_id = u.file_id
           AND f.state IN ('read', 'unreadable'))
