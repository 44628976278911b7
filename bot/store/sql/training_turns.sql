-- What training_turns.py runs.

-- name: gone
-- Who is in no dataset: whoever has opted out in any channel of a platform.
SELECT DISTINCT c.platform, o.author_id FROM optout o JOIN channel c ON c.id = o.channel_id
WHERE o.author_id <> ''

-- name: judged
-- Every turn of a time with why it is no example; NULL where it may be one. A rating from before the
-- answer was made is one of a former answer, that of a person who asked again.
WITH gone AS MATERIALIZED ({gone}), judged AS (
    SELECT t.id, t.channel_id, t.trigger_seq, m.said_at AS asked, r.good,
           min(m.said_at) OVER thread AS began, count(*) OVER thread = 1 AS alone,
           CASE
           WHEN t.reply IS NOT NULL OR m.nellie OR m.bot THEN 'asked by no person'
           WHEN t.private THEN 'private'
           WHEN NOT t.remembered THEN 'not remembered'
           WHEN m.deleted OR m.text = '' THEN 'forgotten'
           WHEN t.state <> 'done' OR t.error IS NOT NULL THEN 'without a whole answer'
           WHEN g.author_id IS NOT NULL THEN 'of somebody who has opted out'
           WHEN r.good IS NULL AND NOT CAST(:unrated AS boolean) THEN 'not rated'
           WHEN r.good AND NOT CAST(:good AS boolean) THEN 'found good'
           WHEN NOT r.good AND NOT CAST(:bad AS boolean) THEN 'found bad'
           END AS why
    FROM turn t JOIN channel c ON c.id = t.channel_id
    JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
    LEFT JOIN LATERAL (
        SELECT bool_and(one.good) AS good FROM rating one
        WHERE one.channel_id = t.channel_id AND one.turn_id = t.id
        AND one.at >= coalesce(t.finished_at, '-infinity') - interval '1 second'
    ) r ON true
    LEFT JOIN gone g ON g.platform = c.platform AND g.author_id = m.author_id
    WHERE t.channel_id = ANY(CAST(:channels AS bigint[]))
    AND m.said_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
    AND m.said_at < coalesce(CAST(:until AS timestamptz), 'infinity')
    WINDOW thread AS (PARTITION BY t.channel_id, coalesce(nullif(m.thread, ''), CAST(t.id AS text)))
)

-- name: count
{judged} SELECT why, count(*) AS turns FROM judged GROUP BY why ORDER BY why

-- name: borders
-- Where so much of what began before lies, in the order of time.
{judged} SELECT percentile_disc(CAST(:shares AS float8[])) WITHIN GROUP (ORDER BY began) AS borders,
                min(began) AS first
FROM judged WHERE why IS NULL

-- name: choose
{judged} SELECT id, channel_id, trigger_seq AS seq, asked, began, alone, good FROM judged
WHERE why IS NULL ORDER BY channel_id, trigger_seq

-- name: without_limit
-- A reader that is slow (a disk, a terminal) holds nothing that others wait for.
SELECT set_config('idle_in_transaction_session_timeout', '0', true)

-- name: read
-- Turns with their questions and answers. An answer is found by the ids that its turn has posted.
SELECT {messages.columns}, t.id AS turn, t.channel_id, answer.text AS answer,
       answer.said_at AS answered, answer.first, answer.last, answer.ids, coalesce(answer.shown_from, m.seq) AS shown_from,
       coalesce(rested.seqs, '{}') AS rests_on, trace.documents, trace.passages, made.model,
       called.calls, called.gone AS calls_gone
FROM unnest(CAST(:turns AS bigint[])) AS asked(id) JOIN turn t ON t.id = asked.id
JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq AND NOT m.deleted
LEFT JOIN LATERAL (
    SELECT string_agg(a.text, E'\n' ORDER BY a.seq) AS text, min(a.seq) AS first, max(a.seq) AS last,
           min(a.shown_from) AS shown_from, max(a.said_at) AS said_at,
           array_agg(a.external_id) AS ids
    FROM message a WHERE a.channel_id = t.channel_id AND a.nellie AND NOT a.deleted
    AND a.external_id = ANY({turns.own_ids})
) answer ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT one) AS seqs FROM message a, unnest(a.rests_on) AS one
    WHERE a.channel_id = t.channel_id AND a.external_id = ANY(answer.ids)
) rested ON true
LEFT JOIN LATERAL (
    SELECT u.model FROM usage u WHERE u.channel_id = t.channel_id AND u.turn_id = t.id
    AND u.purpose = 'answer' AND u.at >= t.created_at
    AND u.at <= coalesce(t.finished_at, now()) + interval '1 hour' ORDER BY u.id DESC LIMIT 1
) made ON true
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE o.call IS NULL AND o.tool <> ALL(CAST(:grounded AS text[]))) > 0
               AS gone,
           json_agg(json_build_object('round', o.round, 'call', o.call, 'said', o.said,
                                      'result', o.result) ORDER BY o.round, o.position)
               FILTER (WHERE o.call IS NOT NULL AND o.result IS NOT NULL) AS calls
    FROM tool_call o WHERE o.turn_id = t.id AND NOT o.retired
) called ON true
LEFT JOIN answer_trace trace ON trace.channel_id = t.channel_id AND trace.turn_id = t.id

-- name: read_messages
-- What stands around questions: from one number to another, and what was recalled. Of who has opted
-- out it is known that they said something, so that no answer is learnt that may rest on it; and one
-- of Nellie's that rests on it is as absent as they are.
WITH gone AS MATERIALIZED ({gone}), asked AS (
    SELECT span.channel_id, m.seq
    FROM unnest(CAST(:channels AS bigint[]), CAST(:firsts AS bigint[]), CAST(:lasts AS bigint[]))
         AS span(channel_id, first, last)
    JOIN message m ON m.channel_id = span.channel_id AND m.seq BETWEEN span.first AND span.last
    UNION
    SELECT one.channel_id, one.seq
    FROM unnest(CAST(:recalled_in AS bigint[]), CAST(:recalled AS bigint[])) AS one(channel_id, seq)
)
SELECT {messages.columns}, m.channel_id, g.author_id IS NOT NULL
    OR (m.nellie AND EXISTS (SELECT FROM gone) AND EXISTS (
        SELECT FROM message r JOIN gone o ON o.platform = c.platform AND o.author_id = r.author_id
        WHERE r.channel_id = m.channel_id AND r.seq = ANY(m.rests_on))) AS absent
FROM asked JOIN message m ON m.channel_id = asked.channel_id AND m.seq = asked.seq
JOIN channel c ON c.id = m.channel_id
LEFT JOIN gone g ON g.platform = c.platform AND g.author_id = m.author_id
WHERE NOT m.deleted ORDER BY m.channel_id, m.seq

-- name: read_followers
-- What a person says first after an answer: in its thread, else in a reply to it, else where one
-- person is alone with Nellie. That is a correction, or none is there.
WITH gone AS MATERIALIZED ({gone})
SELECT {messages.columns}, asked.turn, m.channel_id, g.author_id IS NOT NULL AS absent
FROM unnest(CAST(:turns AS bigint[]), CAST(:channels AS bigint[]), CAST(:lasts AS bigint[]),
            CAST(:threads AS text[]), CAST(:answers AS text[]))
     AS asked(turn, channel_id, last, thread, answer)
JOIN channel c ON c.id = asked.channel_id
CROSS JOIN LATERAL (
    SELECT * FROM message one
    WHERE one.channel_id = asked.channel_id AND one.seq > asked.last
    AND one.seq <= asked.last + :within AND NOT one.nellie AND NOT one.bot
    AND CASE WHEN asked.thread <> '' THEN one.thread = asked.thread
             WHEN c.direct THEN true ELSE one.reply_to = asked.answer END
    ORDER BY one.seq LIMIT 1
) m
LEFT JOIN gone g ON g.platform = c.platform AND g.author_id = m.author_id
WHERE NOT m.deleted

-- name: read_asked_again
-- The answer to the same question of the same person, asked again later, where it was found good.
SELECT DISTINCT ON (former.id) former.id AS turn, later.id AS again
FROM unnest(CAST(:turns AS bigint[])) AS asked(id) JOIN turn former ON former.id = asked.id
JOIN message m ON m.channel_id = former.channel_id AND m.seq = former.trigger_seq
JOIN message n ON n.channel_id = m.channel_id AND n.seq > m.seq AND n.seq <= m.seq + :within
    AND n.author_id = m.author_id AND NOT n.deleted
    AND lower(btrim(n.text, E' \n?!.')) = lower(btrim(m.text, E' \n?!.'))
JOIN turn later ON later.channel_id = n.channel_id AND later.trigger_seq = n.seq
    AND later.state = 'done' AND later.error IS NULL AND later.remembered AND NOT later.private
WHERE (SELECT bool_and(r.good) FROM rating r
       WHERE r.channel_id = later.channel_id AND r.turn_id = later.id
       AND r.at >= coalesce(later.finished_at, '-infinity') - interval '1 second')
ORDER BY former.id, n.seq

-- name: read_passages
-- Parts of files as they were shown, with where each file was posted last, as long as it is.
SELECT p.turn, p.position, x.number, x.heading, x.text, x.first_page, x.last_page, x.tokens,
       p.document_id, post.name, post.kind, post.link, post.author, post.at, post.author_id
FROM unnest(CAST(:turns AS bigint[]), CAST(:channels AS bigint[]), CAST(:documents AS bigint[]),
            CAST(:numbers AS int[]), CAST(:positions AS int[]))
     AS p(turn, channel_id, document_id, number, position)
JOIN passage x ON x.channel_id = p.channel_id AND x.document_id = p.document_id
    AND x.number = p.number
CROSS JOIN LATERAL (
    SELECT f.name, d.kind, {passage_search.link} AS link,
           coalesce(m.author_name, f.author_name) AS author, coalesce(m.said_at, f.at) AS at,
           coalesce(m.author_id, f.author_id) AS author_id
    FROM posted_file f JOIN document d ON d.channel_id = f.channel_id AND d.id = f.document_id
    LEFT JOIN message m ON m.channel_id = f.channel_id AND m.seq = f.seq
    WHERE f.channel_id = p.channel_id AND f.document_id = p.document_id AND m.deleted IS NOT TRUE
    ORDER BY coalesce(m.said_at, f.at) DESC, f.seq DESC LIMIT 1
) post ORDER BY p.turn, p.position

-- name: get_people
-- Everybody who wrote something, by every name that they had, and who of them has opted out. Whoever
-- was forgotten in a channel is known only by what they said elsewhere.
WITH gone AS MATERIALIZED ({gone})
SELECT one.platform, one.author_id, one.author_name AS name, g.author_id IS NOT NULL AS absent
FROM (
    SELECT DISTINCT c.platform, m.author_id, m.author_name
    FROM message m JOIN channel c ON c.id = m.channel_id
    WHERE NOT m.nellie AND NOT m.deleted AND m.author_id <> ''
) one LEFT JOIN gone g ON g.platform = one.platform AND g.author_id = one.author_id
UNION SELECT platform, author_id, '', true FROM gone

-- name: get_forgotten
-- What changes when anything is forgotten, or anybody opts out.
SELECT (SELECT coalesce(sum(forgotten), 0) FROM channel
        WHERE id = ANY(CAST(:channels AS bigint[]))) AS forgotten,
       (SELECT count(*) FROM optout) AS opted_out
