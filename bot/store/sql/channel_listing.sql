-- What channel_listing.py runs.

-- name: get_every_channel
-- The latest first; of what was forgotten, nothing counts.
SELECT c.platform, c.workspace, c.external_id AS channel, c.name, c.direct,
       count(m.seq) AS messages,
       count(DISTINCT m.author_id) FILTER (WHERE NOT m.nellie AND NOT m.bot) AS people,
       coalesce(sum(m.tokens), 0) AS tokens,
       coalesce(sum(octet_length(m.text)), 0) AS bytes,
       min(m.said_at) AS first, max(m.said_at) AS last
FROM channel c LEFT JOIN message m ON m.channel_id = c.id AND NOT m.deleted
GROUP BY c.id
ORDER BY max(m.said_at) DESC NULLS LAST, c.id
