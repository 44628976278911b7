-- What page_memory.py runs.

-- name: there
-- She was not shown out of it.
NOT EXISTS (SELECT FROM removal r WHERE r.channel_id = c.id AND r.thread = '')

-- name: get_channels
-- With their rows, which the page names them by.
SELECT id, workspace, external_id, name, direct FROM channel c
WHERE platform = :platform AND {there} ORDER BY seq DESC, id

-- name: get_channel
SELECT {channels.state}, retention FROM channel c WHERE id = :channel AND {there}

-- name: get_stretch
-- By time. A message that is the start of a stretch stands in it no more.
SELECT {messages.columns} FROM message m
WHERE channel_id = :channel AND NOT deleted
AND said_at <= coalesce(CAST(:at AS timestamptz), 'infinity')
AND (said_at, seq) < (coalesce(CAST(:at AS timestamptz), 'infinity'), CAST(:seq AS bigint))
ORDER BY said_at DESC, seq DESC LIMIT :limit

-- name: get_moment
SELECT said_at, seq FROM message WHERE channel_id = :channel AND seq = :seq

-- name: get_later_moment
-- So many messages after one.
SELECT said_at, seq FROM message
WHERE channel_id = :channel AND NOT deleted
AND said_at >= :at AND (said_at, seq) > (CAST(:at AS timestamptz), CAST(:seq AS bigint))
ORDER BY said_at, seq LIMIT 1 OFFSET :skip

-- name: get_segments
SELECT * FROM segment
WHERE channel_id = :channel AND ended >= coalesce(CAST(:start AS timestamptz), '-infinity')
AND ended < coalesce(CAST(:end AS timestamptz), 'infinity')
ORDER BY ended DESC, first_seq DESC LIMIT :limit
