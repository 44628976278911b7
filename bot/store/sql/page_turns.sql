-- What page_turns.py runs.

-- name: shown
-- A private question is its asker's alone, for as long as it is known whose it is.
(NOT t.private OR t.asker_id = CAST(:person AS text))

-- name: columns
-- Words stand in messages only, and go with them. An answer is found by the ids that its turn posted.
t.id, t.channel_id, t.state, t.created_at AS asked, t.finished_at AS finished, t.attempts,
coalesce(t.error, '') AS error, t.private,
coalesce(nullif(CASE WHEN m.deleted THEN '' ELSE m.author_name END, ''), t.asker_name) AS person,
CASE WHEN m.deleted THEN '' ELSE left(m.text, :clip) END AS question,
coalesce(left(answer.text, :clip), '') AS answer

-- name: joined
JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
LEFT JOIN LATERAL (
    SELECT string_agg(a.text, E'\n' ORDER BY a.seq) AS text, min(a.shown_from) AS shown_from,
           min(a.seq) AS seq
    FROM message a
    WHERE a.channel_id = t.channel_id AND a.nellie AND NOT a.deleted
    AND a.external_id = ANY({turns.own_ids})
) answer ON true

-- name: get_newest
-- Its channels are always said (page_numbers.chosen takes none for all).
SELECT {columns}
FROM (
    SELECT * FROM turn t
    WHERE {page_numbers.chosen} AND {shown}
    AND id < coalesce(CAST(:before AS bigint), 9223372036854775807)
    ORDER BY id DESC LIMIT :most
) t {joined} ORDER BY t.id DESC

-- name: get_channel
SELECT channel_id FROM turn t WHERE id = :turn AND {shown}

-- name: get
SELECT {columns}, answer.shown_from,
       (SELECT array_agg(DISTINCT one) FROM message a, unnest(a.rests_on) AS one
        WHERE a.channel_id = t.channel_id AND a.nellie AND NOT a.deleted
        AND a.external_id = ANY({turns.own_ids})) AS rests_on,
       (SELECT count(*) FROM rating r
        WHERE r.channel_id = t.channel_id AND r.turn_id = t.id AND r.good) AS good,
       (SELECT count(*) FROM rating r
        WHERE r.channel_id = t.channel_id AND r.turn_id = t.id AND NOT r.good) AS bad
FROM turn t {joined} WHERE t.id = :turn AND {shown}

-- name: get_calls
-- Rows of usage are written when their turn ends, or an attempt of it.
SELECT model, purpose, attempt, estimated, input, cached, cache_write, output FROM usage
WHERE channel_id = :channel AND turn_id = :turn AND at >= CAST(:asked AS timestamptz)
AND at <= coalesce(CAST(:finished AS timestamptz), now()) + interval '1 hour'
ORDER BY id

-- name: get_tools
SELECT tool, state, changes,
       CAST(extract(epoch FROM ended_at - planned_at) AS float8) AS seconds
FROM tool_call WHERE turn_id = :turn AND NOT retired ORDER BY round, position

-- name: get_documents
-- Where documents, or passages of them, were posted last; of those that are forgotten, nothing.
SELECT CAST(p.position AS int) AS position, p.document_id, p.number,
       coalesce(x.first_page, 0) AS first_page, coalesce(x.last_page, 0) AS last_page,
       post.name, post.kind, post.link, post.author, post.at, post.seq
FROM unnest(CAST(:documents AS bigint[]), CAST(:numbers AS int[]))
     WITH ORDINALITY AS p(document_id, number, position)
LEFT JOIN passage x
    ON x.channel_id = :channel AND x.document_id = p.document_id AND x.number = p.number
{passage_search.post} ORDER BY p.position
