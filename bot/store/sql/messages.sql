-- What messages.py runs.

-- name: columns
-- What bot.store.messages.to_message reads, first in its row: by place, since by name takes three
-- times as long.
m.seq, m.external_id, m.author_id, m.author_name, m.nellie, m.bot, m.text, m.said_at, m.thread,
m.reply_to, m.addressed, m.mentions, m.link, m.tokens

-- name: seqs
-- As a text (bot.store.parameters), which is read once, not for each row.
(SELECT CAST(CAST(:seqs AS text) AS bigint[]))

-- name: get
SELECT {columns} FROM message m
WHERE channel_id = :channel AND NOT deleted
AND seq = ANY(CAST({seqs} AS bigint[])) ORDER BY seq

-- name: get_newest
-- What people said after a moment, and of that moment what has a higher number.
SELECT {columns} FROM message m
WHERE channel_id = :channel AND said_at >= :after AND (said_at, seq) > (:after, :after_seq)
AND said_at <= coalesce(CAST(:until AS timestamptz), 'infinity') AND NOT nellie AND NOT deleted
ORDER BY said_at DESC, seq DESC LIMIT :limit

-- name: read_window
SELECT {columns}, {channels.state}
FROM channel c LEFT JOIN LATERAL (
    SELECT * FROM message
    WHERE channel_id = c.id AND said_at >= c.window_after
    AND (said_at, seq) > (c.window_after, c.window_after_seq) AND NOT deleted
    ORDER BY said_at DESC, seq DESC LIMIT :limit
) m ON true WHERE c.id = :channel ORDER BY m.said_at DESC, m.seq DESC

-- name: new_in_window
-- What has come into the window since: by number, however large the window is.
SELECT * FROM message
WHERE channel_id = c.id AND seq > :after
AND (said_at, seq) > (c.window_after, c.window_after_seq) AND NOT deleted
ORDER BY seq DESC LIMIT :most_new

-- name: read_on
SELECT {columns}, {channels.state}
FROM channel c LEFT JOIN LATERAL ({new_in_window}) m ON true
WHERE c.id = :channel ORDER BY m.seq DESC

-- name: get_oldest_of_window
SELECT {columns} FROM channel c CROSS JOIN LATERAL (
    SELECT * FROM message
    WHERE channel_id = c.id AND said_at >= c.window_after
    AND (said_at, seq) > (c.window_after, c.window_after_seq) AND NOT deleted
    ORDER BY said_at, seq LIMIT :limit
) m WHERE c.id = :channel ORDER BY m.said_at, m.seq

-- name: get_oldest_late
SELECT {columns} FROM message m WHERE channel_id = :channel AND late
ORDER BY said_at, seq LIMIT :limit

-- name: root
SELECT seq FROM message WHERE channel_id = :channel AND external_id = :thread

-- name: thread
-- What begins a thread may itself stand outside of it, and so may Nellie's answer to that: soon
-- after it.
(SELECT * FROM message WHERE channel_id = :channel AND thread = :thread
 AND thread <> '' AND seq < :before AND NOT deleted ORDER BY said_at, seq LIMIT 1)
UNION
(SELECT message.* FROM message, root
 WHERE channel_id = :channel
 AND message.seq BETWEEN root.seq AND root.seq + CAST(:near AS int)
 AND :thread IN (external_id, reply_to) AND message.seq < :before AND NOT deleted)
UNION
(SELECT * FROM message WHERE channel_id = :channel AND thread = :thread
 AND thread <> '' AND seq < :before AND NOT deleted
 ORDER BY said_at DESC, seq DESC LIMIT :most)

-- name: get_thread
WITH root AS ({root}) SELECT {columns} FROM ({thread}) m ORDER BY said_at, seq

-- name: read_page
SELECT {columns} FROM message m
WHERE channel_id = :channel AND seq > :after AND seq <= coalesce(:last, 9223372036854775807)
AND NOT deleted ORDER BY seq LIMIT :limit

-- name: get_seqs_of_author
SELECT seq FROM message WHERE channel_id = :channel AND author_id = :id AND NOT deleted

-- name: find_people
SELECT author_id, max(author_name) AS name, count(*) AS messages FROM message
WHERE channel_id = :channel AND NOT nellie AND NOT deleted AND author_id IN (
    SELECT author_id FROM message
    WHERE channel_id = :channel AND NOT nellie AND NOT deleted
    AND (author_id = :name OR lower(author_name) = lower(:name)))
GROUP BY author_id ORDER BY messages DESC, author_id

-- name: get_authors
-- From one to the next along the index: a look-up for each, however much they said.
WITH RECURSIVE author AS (
    (SELECT author_id, author_name, nellie FROM message
     WHERE channel_id = :channel AND author_id > ''
     ORDER BY author_id DESC, seq DESC LIMIT 1)
    UNION ALL
    SELECT another.* FROM author CROSS JOIN LATERAL (
        SELECT author_id, author_name, nellie FROM message
        WHERE channel_id = :channel AND author_id > '' AND author_id < author.author_id
        ORDER BY author_id DESC, seq DESC LIMIT 1
    ) another
) SELECT author_id, author_name, nellie FROM author LIMIT :limit

-- name: get_last_said_by
-- A time to come is no time: an imported message may have a wrong one.
SELECT said_at, seq FROM message
WHERE channel_id = :channel AND author_id = :id AND NOT deleted
AND said_at < now() + interval '10 minutes'
ORDER BY said_at DESC, seq DESC LIMIT 1

-- name: count
SELECT count(*) FROM message WHERE channel_id = :channel AND NOT deleted

-- name: count_forgotten
SELECT count(*) FROM message
WHERE channel_id = :channel AND external_id = ANY(CAST(:ids AS text[])) AND deleted

-- name: find
SELECT {columns} FROM message m
WHERE channel_id = :channel AND external_id = :id AND NOT deleted

-- name: find_linked
-- What has a path in its link: the message that it is of, or some of what stands below it. No index
-- has links: where a channel is long, this takes a look at all of it.
SELECT {columns} FROM message m
WHERE channel_id = :channel AND strpos(link, :path) > 0 AND NOT deleted
ORDER BY length(link), said_at, seq LIMIT :limit

-- name: get_first
SELECT {columns} FROM message m
WHERE channel_id = :channel AND NOT deleted ORDER BY said_at, seq LIMIT 1

-- name: get_all_seqs
SELECT seq FROM message WHERE channel_id = :channel AND NOT deleted

-- name: get_seqs_of_time
SELECT seq FROM message
WHERE channel_id = :channel AND NOT deleted
AND said_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
AND said_at < coalesce(CAST(:until AS timestamptz), 'infinity')

-- name: get_said_to_others
-- Of what a person said to others: a question to Nellie shows that they were there to ask, and no more.
SELECT said_at, seq FROM message
WHERE channel_id = :channel AND author_id = :id AND NOT deleted AND NOT addressed
AND said_at < now() + interval '10 minutes'
ORDER BY said_at DESC, seq DESC LIMIT 1
