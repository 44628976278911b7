-- What consents.py runs; and what ends with a message that is taken back (message_edits.sql).

-- name: columns
c.id, c.turn_id, c.call_id, c.number, c.tool, c.hash, c.again, c.repeats, c.person, c.state,
c.decided_by, c.until, {is_whole} AS is_whole, c.state = 'open' AND c.until <= clock_timestamp() AS is_late

-- name: is_whole
-- Its words are still there: nothing that it rests on was taken back.
EXISTS (SELECT FROM tool_call w WHERE w.id = c.call_id AND w.call IS NOT NULL)

-- name: ask
-- The questions of an answer, with the calls that wait for them. They are asked before they are
-- shown: this waits for the disk.
WITH held AS ({turns.held}), waiting AS (
    UPDATE tool_call t SET state = 'waiting'
    FROM json_to_recordset(CAST(:asked AS json))
         AS one(call bigint, number int, tool text, hash text, again boolean)
    WHERE t.id = one.call AND t.state IN ('planned', 'waiting') AND t.call IS NOT NULL
    AND EXISTS (SELECT FROM held)
    RETURNING one.*, t.hash AS call_hash
), c AS (
    INSERT INTO consent (channel_id, turn_id, call_id, number, tool, hash, again, repeats, person,
                         state, until)
    SELECT :channel, :turn, call, number, tool, waiting.hash, again, NOT again AND EXISTS (
               SELECT FROM tool_call done WHERE done.channel_id = :channel AND done.changes
               AND done.hash = call_hash AND done.state IN ('done', 'unknown')
               AND done.planned_at > now() - interval '1 day'),
           :person, 'open', clock_timestamp() + make_interval(mins => :minutes)
    FROM waiting
    RETURNING *
)
SELECT {columns} FROM c ORDER BY number

-- name: of_turns
SELECT {columns} FROM consent c WHERE turn_id = ANY(CAST(:turns AS bigint[])) AND NOT settled
ORDER BY turn_id, number

-- name: get
SELECT {columns} FROM consent c WHERE id = :id

-- name: decide
-- Once, by whichever replica is first. Of who opted out, no id is kept.
UPDATE consent c SET state = :state, ended_at = clock_timestamp(),
    decided_by = CASE WHEN EXISTS (SELECT FROM optout o WHERE o.channel_id = c.channel_id
                                   AND o.author_id = :person) THEN '' ELSE :person END
WHERE id = :id AND state = 'open' AND until > clock_timestamp() AND {is_whole}
RETURNING id

-- name: asked_in_words
-- The questions of the newest answer that asks a person in a conversation. A command that asked
-- after it is meant first. At a console, who comes back has another session. Without a number it is
-- meant only while nothing else was asked since; what is not said to Nellie, only while nobody has
-- said anything else. What was said before the question, and is delivered again, answers nothing.
WITH found AS (
    SELECT c.turn_id, max(c.at) AS at FROM consent c JOIN turn t ON t.id = c.turn_id
    WHERE c.channel_id = :channel AND c.person = :fingerprint AND NOT c.settled
    AND c.state = 'open' AND c.until > clock_timestamp() AND {is_whole}
    AND (:direct OR t.lane = :lane OR :lane LIKE 'session:%' AND t.lane LIKE 'session:%')
    AND c.at <= CAST(:said_at AS timestamptz) + interval '2 seconds'
    AND NOT EXISTS (SELECT FROM message WHERE channel_id = :channel AND external_id = :id)
    AND (:numbered OR NOT EXISTS (
        SELECT FROM turn later WHERE later.channel_id = :channel AND later.id > t.id
        AND later.lane IN (t.lane, :lane) AND later.reply IS NULL))
    AND (:addressed OR NOT EXISTS (
        SELECT FROM message m WHERE m.channel_id = :channel AND m.seq > t.trigger_seq
        AND (:thread = '' OR m.thread = :thread) AND NOT m.nellie AND NOT m.deleted))
    AND NOT EXISTS (
        SELECT FROM confirmation o WHERE o.channel_id = :channel AND o.person = :fingerprint
        AND o.at > c.at AND o.at > now() - make_interval(mins => :confirmable))
    GROUP BY c.turn_id ORDER BY at DESC LIMIT 1
)
SELECT {columns} FROM consent c JOIN found ON found.turn_id = c.turn_id
WHERE c.state = 'open' AND c.until > clock_timestamp() AND {is_whole} ORDER BY number

-- name: claim
-- Once all is decided: once, whoever comes; and again by who has, after a crash.
UPDATE consent SET went_on = :by
WHERE turn_id = :asking AND channel_id = :channel AND (went_on IS NULL OR went_on = :by)
AND NOT EXISTS (
    SELECT FROM consent c WHERE c.turn_id = :asking AND c.state = 'open' AND {is_whole})
RETURNING id

-- name: read_asking
-- The answers that ask, from the newest to the first, which has the question.
WITH RECURSIVE asking AS (
    SELECT CAST(:asking AS bigint) AS id, 0 AS depth
    UNION ALL
    SELECT found.turn_id, asking.depth + 1 FROM asking CROSS JOIN LATERAL (
        SELECT turn_id FROM consent WHERE went_on = asking.id LIMIT 1
    ) found
    WHERE asking.depth < 50
)
SELECT {turns.columns}, a.seq AS answer_seq, a.rests_on
FROM asking JOIN turn t ON t.id = asking.id AND t.channel_id = :channel
JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
LEFT JOIN LATERAL (
    SELECT seq, rests_on FROM message
    WHERE channel_id = t.channel_id AND seq > t.trigger_seq AND rests_on IS NOT NULL
    AND nellie AND NOT deleted AND rests_on[1] = t.trigger_seq
    ORDER BY seq LIMIT 1
) a ON true
ORDER BY asking.depth

-- name: went_on
SELECT t.id FROM message m JOIN turn t ON t.channel_id = m.channel_id AND t.trigger_seq = m.seq
WHERE m.channel_id = :channel AND m.external_id = :id

-- name: expire
-- Silence means no.
WITH late AS (
    UPDATE consent SET state = 'expired', ended_at = clock_timestamp()
    WHERE NOT settled AND state = 'open' AND until <= clock_timestamp()
    RETURNING call_id
)
UPDATE tool_call SET state = 'refused', ended_at = clock_timestamp(),
    result = CASE WHEN call IS NOT NULL THEN CAST(:silence AS text) END
FROM late WHERE id = late.call_id AND state = 'waiting'

-- name: find_decided
-- Answers whose questions have all ended, some by a person, and that nobody has gone on with: who
-- took the last decision was cut off, or the last question was not answered.
SELECT c.turn_id FROM consent c JOIN channel ON channel.id = c.channel_id
WHERE NOT c.settled AND platform = ANY(:platforms)
GROUP BY c.turn_id
HAVING bool_and(c.state <> 'open') AND bool_or(c.state IN ('allowed', 'denied'))
AND bool_and(c.went_on IS NULL) AND bool_and({is_whole})
ORDER BY c.turn_id LIMIT :limit

-- name: find_over
-- Answers whose questions lead nowhere any more: nobody decided, what they ask about was taken
-- back, or who went on with them is done. A day later, whatever became of them.
SELECT c.turn_id FROM consent c LEFT JOIN turn later ON later.id = c.went_on
JOIN turn asking ON asking.id = c.turn_id
WHERE NOT c.settled AND asking.state NOT IN ('waiting', 'running')
GROUP BY c.turn_id
HAVING bool_and(c.state <> 'open') AND (
    bool_and(c.state = 'expired') OR NOT bool_or({is_whole})
    OR bool_or(later.state NOT IN ('waiting', 'running')) AND NOT EXISTS (
        SELECT FROM consent next WHERE next.turn_id = max(c.went_on) AND NOT next.settled)
    OR max(c.until) < now() - interval '1 day')

-- name: settle
-- Their words go; and of who is not remembered, all that the turn knew.
WITH over AS ({find_over}), settled AS (
    UPDATE consent SET settled = true FROM over WHERE consent.turn_id = over.turn_id
), gone AS (
    {tool_calls.words_gone} FROM over WHERE tool_call.turn_id = over.turn_id
    AND call IS NOT NULL
), forgotten AS (
    UPDATE turn SET text = NULL, question = NULL, files = NULL, asker_id = '', asker_name = '', mentions = '{}',
        lane = CASE WHEN lane LIKE 'author:%' THEN 'author:' ELSE lane END
    FROM over WHERE turn.id = over.turn_id AND NOT turn.remembered
)
SELECT count(*) FROM over

-- name: voided
-- Questions that rest on what is taken back (message_edits.sql): on what was asked, on the answer
-- that asks, or, where no answer is remembered that would tell, on anything in the channel.
asking AS (
    SELECT DISTINCT c.turn_id AS id FROM consent c JOIN turn t ON t.id = c.turn_id
    WHERE c.channel_id = :channel AND NOT c.settled
    AND (t.trigger_seq = ANY(CAST(:seqs AS bigint[])) OR NOT t.remembered OR EXISTS (
        SELECT FROM message m WHERE m.channel_id = :channel
        AND m.seq = ANY(CAST(:seqs AS bigint[])) AND m.nellie
        AND (m.external_id = ANY(t.posted) OR starts_with(m.external_id, 'turn:' || t.id || ':'))))
), voided AS (
    UPDATE consent c SET state = 'expired', ended_at = clock_timestamp()
    FROM asking WHERE c.turn_id = asking.id AND c.state = 'open'
)

-- name: taken_out
-- A person's questions, with the words of their calls. Of what they decided, it is not told who did.
WITH gone AS (
    DELETE FROM consent WHERE channel_id = :channel
    AND (CAST(:person AS text) IS NULL OR person = :fingerprint)
    RETURNING turn_id
), words AS (
    {tool_calls.words_gone} FROM gone WHERE tool_call.turn_id = gone.turn_id AND call IS NOT NULL
)
UPDATE consent SET decided_by = ''
WHERE channel_id = :channel AND decided_by = :person AND person <> :fingerprint

-- name: retired
-- Another answer asks anew.
UPDATE consent SET state = CASE WHEN state = 'open' THEN 'expired' ELSE state END, settled = true

-- name: drop_old
-- How they ended is kept as long as the calls that they were about would be looked for.
DELETE FROM consent WHERE settled AND until < now() - make_interval(days => :days)
