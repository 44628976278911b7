-- What message_inserts.py runs, and what every statement that stores messages begins with.

-- name: lock_channel
SELECT id FROM channel WHERE id = :channel FOR UPDATE

-- name: given
-- Messages as bot.store.message_inserts.to_rows writes them.
json_to_recordset(CAST(:rows AS json)) AS given(
    external_id text, author_id text, author_name text, nellie boolean, bot boolean, text text,
    said_at timestamptz, thread text, reply_to text, link text, addressed boolean,
    mentions text[], tokens int, rests_on bigint[], shown_from bigint, edited_at timestamptz,
    kept boolean, as_edited boolean, files json, terms json, length smallint, person text, mentioned text[])

-- name: incoming
SELECT *, kept AS remembered, row_number() OVER () AS position FROM {given}

-- name: one_incoming
SELECT *, kept AS remembered FROM {given}

-- name: stored
-- Stores `incoming`: in one statement, so that the channel's row is locked as late and as briefly
-- as can be. `fresh` is what was not there before, `stored` its rows. OFFSET 0 keeps the planner
-- from reading the whole channel instead, where it has no statistics of it yet.
-- What was said before the window begins is late: it is summarized by itself. Its number is higher
-- than all others, so that its time alone decides.
-- Nothing is stored of what somebody said before they were forgotten, wherever it comes from.
-- Should another transaction store one of these messages after `fresh` has looked, the unique key
-- of the table undoes the whole statement: see is_stored_meanwhile in message_inserts.py.
-- Nothing at all is stored where one of them was edited before it came (`early`).
{early_edits.found}, fresh AS (
    SELECT {judged}, row_number() OVER (ORDER BY i.position) AS number {unknown}
    AND NOT EXISTS (SELECT FROM early)
), numbered AS (
    UPDATE channel SET seq = seq + f.count, last_at = greatest(last_at, f.last),
        window_tokens = window_tokens + (
            SELECT coalesce(sum(tokens), 0) FROM unnest(f.times, f.costs) AS new(said_at, tokens)
            WHERE said_at >= window_after),
        late_tokens = late_tokens + (
            SELECT coalesce(sum(tokens), 0) FROM unnest(f.times, f.costs) AS new(said_at, tokens)
            WHERE said_at < window_after)
    FROM (SELECT count(*) AS count, max(said_at) AS last,
                 array_agg(said_at) FILTER (WHERE NOT empty) AS times,
                 array_agg(tokens) FILTER (WHERE NOT empty) AS costs FROM fresh) f
    WHERE id = :channel AND f.count > 0
    RETURNING seq - f.count AS base, window_after
), stored AS (
    {put} ORDER BY number {of_put}
), {indexed}, {filed}

-- name: one_stored
-- The same of an `incoming` that is one message.
{early_edits.found}, fresh AS (
    SELECT {judged}, 1 AS number {unknown} AND NOT EXISTS (SELECT FROM early)
), {one_put}, {filed}

-- name: answer_stored
-- The same of one that Nellie said, without files: it is edited by nobody else.
fresh AS (
    SELECT {judged}, 1 AS number {unknown}
), {one_put}

-- name: one_put
numbered AS (
    UPDATE channel SET seq = seq + 1, last_at = greatest(last_at, said_at),
        window_tokens = window_tokens
            + CASE WHEN NOT empty AND said_at >= window_after THEN tokens ELSE 0 END,
        late_tokens = late_tokens
            + CASE WHEN NOT empty AND said_at < window_after THEN tokens ELSE 0 END
    FROM fresh WHERE id = :channel
    RETURNING seq - 1 AS base, window_after
), stored AS (
    {put} {of_put}
), {indexed}

-- name: judged
-- With whether only its place is taken.
i.*, NOT i.remembered OR (o.author_id IS NOT NULL AND NOT i.nellie)
OR EXISTS (SELECT FROM forgetting f WHERE f.channel_id = :channel
           AND f.person IN ('', i.person) AND f.at >= i.said_at) AS empty

-- name: unknown
FROM incoming i
LEFT JOIN optout o ON o.channel_id = :channel AND o.author_id = i.author_id
WHERE NOT EXISTS (
    SELECT FROM message m WHERE m.channel_id = :channel AND m.external_id = i.external_id
    OFFSET 0)

-- name: put
INSERT INTO message (channel_id, seq, external_id, author_id, author_name, nellie, bot, text,
                     said_at, thread, reply_to, link, addressed, mentions, tokens, rests_on,
                     shown_from, edited_at, deleted, late)
SELECT :channel, base + number, external_id, CASE WHEN empty THEN '' ELSE author_id END,
       CASE WHEN empty THEN '' ELSE author_name END, nellie, bot,
       CASE WHEN empty THEN '' ELSE text END, said_at, thread, reply_to,
       CASE WHEN empty THEN '' ELSE link END, addressed,
       CASE WHEN empty OR mentions IS NULL THEN '{}' ELSE ARRAY(
           SELECT id FROM unnest(mentions, mentioned) WITH ORDINALITY one(id, person, place)
           WHERE NOT EXISTS (
               SELECT FROM optout WHERE channel_id = :channel AND author_id = one.id)
           AND NOT EXISTS (
               SELECT FROM forgetting f WHERE f.channel_id = :channel
               AND f.person = one.person AND f.at >= said_at)
           ORDER BY place) END,
       CASE WHEN empty THEN 0 ELSE tokens END,
       CASE WHEN NOT empty THEN rests_on END,
       CASE WHEN NOT empty THEN shown_from END, edited_at, empty,
       NOT empty AND said_at < window_after
FROM fresh, numbered

-- name: of_put
RETURNING seq, external_id, deleted

-- name: indexed
indexed AS (
    INSERT INTO posting (channel_id, term, seq, count, length)
    SELECT :channel, t.key, stored.seq, CAST(t.value AS smallint), f.length
    FROM stored JOIN fresh f USING (external_id), json_each_text(f.terms) t
    WHERE NOT f.empty
)

-- name: filed
filed AS (
    INSERT INTO posted_file (channel_id, seq, due_at, {posted_files.given_columns})
    SELECT :channel, stored.seq, least(f.said_at, now()), file.*
    FROM stored JOIN fresh f USING (external_id), {posted_files.given}
    WHERE NOT f.empty ON CONFLICT DO NOTHING
)

-- name: store
WITH incoming AS ({incoming}), {stored}
SELECT seq, external_id, NULL AS early, NULL AS early_at, NULL AS early_files FROM stored
UNION ALL SELECT NULL, external_id, text, at, files FROM early
