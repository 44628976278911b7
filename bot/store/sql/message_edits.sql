-- What message_edits.py runs.

-- name: not_outdated
-- An edit that was made before another may come after it, by another replica.
(edited_at IS NULL OR CAST(:at AS timestamptz) IS NULL OR edited_at <= :at)

-- name: is_outdated
SELECT EXISTS (
    SELECT FROM message WHERE channel_id = :channel AND external_id = :id
    AND NOT {not_outdated}
) OR EXISTS (
    SELECT FROM early_edit WHERE channel_id = :channel AND external_id = :id
    AND at > CAST(:at AS timestamptz))

-- name: find_opted_out
-- A message whose author has opted out since, if its words would change.
SELECT seq FROM message m
WHERE channel_id = :channel AND external_id = :id AND NOT deleted AND NOT nellie AND text <> :text
AND {not_outdated}
AND EXISTS (SELECT FROM optout WHERE channel_id = :channel AND author_id = m.author_id)

-- name: edit
-- An edit that leaves the text as it is leaves its time all the same.
WITH former AS (
    SELECT seq, tokens, text, said_at, late FROM message
    WHERE channel_id = :channel AND external_id = :id AND NOT deleted AND {not_outdated}
    AND (text <> :text OR edited_at IS DISTINCT FROM coalesce(:at, edited_at))
), moved AS (
    UPDATE channel SET epoch = epoch + 1,
        window_tokens = window_tokens + CASE
            WHEN (former.said_at, former.seq) > (window_after, window_after_seq)
            THEN :tokens - former.tokens ELSE 0 END,
        late_tokens = late_tokens + CASE WHEN former.late THEN :tokens - former.tokens ELSE 0 END
    FROM former WHERE id = :channel AND former.text <> :text
)
UPDATE message m SET text = :text, tokens = CASE WHEN former.text <> :text THEN :tokens
                                                 ELSE m.tokens END,
    edited_at = coalesce(:at, edited_at)
FROM former
WHERE m.channel_id = :channel AND m.seq = former.seq
RETURNING m.seq, m.author_name, former.text AS former

-- name: move
-- What an opted-out person asked has no text, and goes on as long as its turn stands.
UPDATE message m SET external_id = :id, link = CASE WHEN deleted THEN '' ELSE :link END
WHERE m.channel_id = :channel AND m.external_id = :former AND NOT m.nellie
AND (NOT m.deleted OR EXISTS (
    SELECT FROM turn t
    WHERE t.channel_id = :channel AND t.trigger_seq = m.seq AND t.state <> 'cancelled'))
AND NOT EXISTS (SELECT FROM message o WHERE o.channel_id = :channel AND o.external_id = :id)
RETURNING seq

-- name: find_expired
-- A retention beyond all calendars, in one channel, must not keep the others' from being found.
SELECT c.id, array_agg(old.seq ORDER BY old.seq) AS seqs
FROM channel c CROSS JOIN LATERAL (
    SELECT seq FROM message
    WHERE channel_id = c.id AND NOT deleted AND said_at
        < now() - make_interval(days => least(greatest(coalesce(c.retention, :days), 1), 36500))
    ORDER BY seq LIMIT :limit
) old WHERE coalesce(c.retention, :days) > 0
GROUP BY c.id

-- name: weigh
-- What messages are, and what goes with them. Summaries are made again without them.
SELECT min(said_at) AS first, count(*) FILTER (WHERE nellie) AS answers,
       (SELECT count(*) FROM segment
        WHERE channel_id = :channel AND CASE WHEN seqs IS NULL THEN EXISTS (
            SELECT FROM unnest(CAST(:seqs AS bigint[])) s WHERE s BETWEEN first_seq AND last_seq)
        ELSE seqs && CAST(:seqs AS bigint[]) END) AS summaries,
       (SELECT count(*) FROM label_example
        WHERE channel_id = :channel AND (:everybody OR seq = ANY(CAST(:seqs AS bigint[])))
       ) AS examples
FROM message WHERE channel_id = :channel AND seq = ANY(CAST(:seqs AS bigint[])) AND NOT deleted

-- name: find_seq
-- Of a message that was deleted; what an edit has left of it goes, too.
WITH dropped AS ({early_edits.drop})
SELECT seq FROM message WHERE channel_id = :channel AND external_id = :id

-- name: find_answers_holding
-- Nellie's answers that were shown this message, and hold one of these terms.
SELECT seq FROM message answer
WHERE channel_id = :channel AND rests_on IS NOT NULL AND seq > :first AND NOT deleted
AND (:first = ANY(rests_on) OR shown_from <= :first)
AND EXISTS (
    SELECT FROM posting p WHERE p.channel_id = :channel AND p.seq = answer.seq
    AND p.term = ANY(CAST(:terms AS text[])))

-- name: find_answers_of
SELECT seq FROM message
WHERE channel_id = :channel AND rests_on && CAST(:seqs AS bigint[]) AND NOT deleted

-- name: find_citing
-- Nellie's later answers that hold a word which, of all people, only the forgotten messages held:
-- what it was shown of the window or of the digest, it may have cited too. OFFSET 0 makes Postgres
-- look the terms up one by one, also where it has no statistics yet.
WITH lost AS MATERIALIZED (
    SELECT term FROM unnest(CAST(:terms AS text[])) AS asked(term)
    WHERE NOT EXISTS (
        SELECT FROM posting p WHERE p.channel_id = :channel AND p.term = asked.term
        AND NOT (SELECT nellie FROM message WHERE channel_id = :channel AND seq = p.seq)
        OFFSET 0)
)
SELECT DISTINCT found.seq FROM lost CROSS JOIN LATERAL (
    SELECT p.seq FROM posting p
    WHERE p.channel_id = :channel AND p.term = lost.term AND p.seq > :first
    AND (SELECT nellie FROM message WHERE channel_id = :channel AND seq = p.seq)
    OFFSET 0
) found

-- name: read_texts
SELECT seq, author_name, nellie, CASE WHEN :texts THEN text ELSE '' END AS text FROM message
WHERE channel_id = :channel AND seq = ANY(CAST(:seqs AS bigint[])) AND NOT deleted

-- name: empty_messages
WITH gone AS (
    SELECT seq, tokens, said_at, late FROM message
    WHERE channel_id = :channel AND seq = ANY(:seqs) AND NOT deleted
), moved AS (
    UPDATE channel SET epoch = epoch + 1, forgotten = forgotten + 1,
        window_tokens = window_tokens - (SELECT coalesce(sum(tokens), 0) FROM gone
            WHERE (said_at, seq) > (window_after, window_after_seq)),
        late_tokens = late_tokens - (SELECT coalesce(sum(tokens), 0) FROM gone WHERE late)
    WHERE id = :channel AND EXISTS (SELECT FROM gone)
), unlabelled AS (
    {rules.forget_messages}
)
UPDATE message m
SET text = '', author_id = '', author_name = '', link = '', mentions = '{}', tokens = 0,
    rests_on = NULL, shown_from = NULL, deleted = true, late = false
FROM gone WHERE m.channel_id = :channel AND m.seq = gone.seq

-- name: note_forgotten
-- What an answer that is being made was given may be gone: it is not kept (turns.keep_text).
UPDATE channel SET forgotten = forgotten + 1 WHERE id = :channel

-- name: cancel_turns
-- What is being answered is stopped where that happens, whatever replica it is.
WITH open AS (
    SELECT id, state FROM turn
    WHERE channel_id = :channel AND trigger_seq = ANY(CAST(:seqs AS bigint[])) FOR UPDATE
), cancelled AS (
    UPDATE turn SET text = NULL, taken_away = NULL, question = NULL, files = NULL,
        asker_id = '', asker_name = '', mentions = '{}',
        finished_at = coalesce(finished_at, now()),
        state = CASE WHEN turn.state IN ('waiting', 'running') THEN 'cancelled'
                     ELSE turn.state END
    FROM open WHERE turn.id = open.id
), untraced AS (
    {answer_traces.forgotten}
), {consents.voided}, settled AS (
    {tool_calls.words_gone} WHERE turn_id IN (SELECT id FROM open UNION SELECT id FROM asking)
)
SELECT pg_notify(:requests, CAST(id AS text)) FROM open WHERE state = 'running'

-- name: let_go
-- A private answer that was cut short: nobody can go on with it any more.
cut AS (
    UPDATE turn SET text = NULL, question = NULL, files = NULL, asker_id = '', asker_name = '', mentions = '{}',
        lane = CASE WHEN lane LIKE 'author:%' THEN 'author:' ELSE lane END
    WHERE channel_id = :channel AND state = 'done' AND error IS NOT NULL AND text IS NOT NULL
)

-- name: drop_kept_texts
-- An answer that waits to be delivered may hold what was just taken back: it is made again. So may
-- one that was cut short.
WITH {let_go}
UPDATE turn SET text = NULL
WHERE channel_id = :channel AND state = 'running' AND text IS NOT NULL

-- name: take_from_running
-- The same of an edit; and an answer that is being made may hold the words that it took away: that
-- is noted, to be looked at when the answer is whole (turns.sql).
WITH {let_go}
UPDATE turn SET text = NULL, taken_away = coalesce(taken_away, '[]') || jsonb_build_object(
    'epoch', (SELECT epoch FROM channel WHERE id = :channel),
    'seq', CAST(:first AS bigint), 'terms', to_jsonb(CAST(:terms AS text[])))
WHERE channel_id = :channel AND state = 'running'

-- name: take_pictures_from_running
-- What shows these messages may have shown their pictures: whatever its words are, it goes.
WITH {let_go}, moved AS (
    UPDATE channel SET epoch = epoch + 1, forgotten = forgotten + 1 WHERE id = :channel
    RETURNING epoch
)
UPDATE turn SET text = NULL, taken_away = coalesce(taken_away, '[]') || (
    SELECT jsonb_agg(jsonb_build_object('epoch', moved.epoch, 'seq', seq))
    FROM unnest(CAST(:seqs AS bigint[])) seq)
FROM moved WHERE channel_id = :channel AND state = 'running'

-- name: mark_dirty
-- Until they are made again, they hold nothing: neither words nor names of who was forgotten. What
-- was kept of the messages as an example of a label goes.
WITH unlearned AS (
    {label_sets.of_messages}
), touched AS (
    UPDATE segment SET dirty = true, statements = '[]', participants = '{}'
    WHERE channel_id = :channel AND NOT (dirty AND statements = '[]') AND CASE
        WHEN seqs IS NULL THEN EXISTS (  -- made by an older Nellie: of all between first and last
            SELECT FROM unnest(CAST(:seqs AS bigint[])) s WHERE s BETWEEN first_seq AND last_seq)
        ELSE seqs && CAST(:seqs AS bigint[]) END
    RETURNING first_seq
)
UPDATE digest SET dirty = true, text = ''
WHERE channel_id = :channel AND EXISTS (SELECT FROM touched)
