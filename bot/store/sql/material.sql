-- What material.py runs.

-- name: chain
-- The chain of replies that ends with a message.
chain AS (
    SELECT m.*, 1 AS depth FROM message m
    WHERE channel_id = :channel AND external_id = :id AND NOT deleted
    UNION ALL
    SELECT m.*, depth + 1 FROM message m JOIN chain c
    ON m.channel_id = :channel AND m.external_id = c.reply_to AND NOT m.deleted
    WHERE depth < :most
) CYCLE seq SET looped USING path

-- name: read
-- All of one moment: the channel's state, what has come into its window, the thread or the chain of
-- replies that a question stands in, messages by their numbers, and what holds its terms. Of these,
-- what is not asked for costs nothing.
WITH RECURSIVE state AS MATERIALIZED (
    SELECT {channels.state} FROM channel c WHERE c.id = :channel
), {search.asked}, {search.scoring}, found_hits AS MATERIALIZED (
    {search.hit_arrays}
), root AS ({messages.root}), {chain}
SELECT m.*, state.*, found_hits.*
FROM (
    SELECT {messages.columns}, 'state' AS kind, 0 AS place
    FROM (SELECT (CAST(NULL AS message)).*) m
    UNION ALL
    SELECT {messages.columns}, 'window', 0
    FROM channel c CROSS JOIN LATERAL ({messages.new_in_window}) m WHERE c.id = :channel
    UNION ALL
    SELECT {messages.columns}, 'conversation', 0
    FROM ({messages.thread}) m WHERE CAST(:thread AS text) <> ''
    UNION ALL
    SELECT {messages.columns}, 'conversation', -depth FROM chain m WHERE NOT looped
    UNION ALL
    SELECT {messages.columns}, 'wanted', 0 FROM message m
    WHERE channel_id = :channel AND seq = ANY(CAST({messages.seqs} AS bigint[])) AND NOT deleted
) m LEFT JOIN (state CROSS JOIN found_hits) ON m.kind = 'state'
