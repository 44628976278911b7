-- What tool_calls.py runs; and what ends with a turn (turns.sql), or is taken back.

-- name: plan
-- The calls of one round, before the first of them starts: this waits for the disk. Of a turn that
-- was cancelled meanwhile, no words are kept.
WITH held AS ({turns.held}), planned AS (
    INSERT INTO tool_call (turn_id, channel_id, round, position, tool, changes, state, hash, key,
                           call, said, usage)
    SELECT :turn, :channel, :round, position, tool, changes, one.state, hash, key,
           CASE WHEN t.state = 'running' THEN call END,
           CASE WHEN t.state = 'running' THEN said END, usage
    FROM turn t CROSS JOIN json_to_recordset(CAST(:calls AS json))
         AS one(position int, tool text, changes boolean, state text, hash text, key text,
                call text, said text, usage text)
    WHERE t.id = :turn AND EXISTS (SELECT FROM held)
    RETURNING id, position
)
SELECT id FROM planned ORDER BY position

-- name: start
-- A call that changes something: a second start of it finds nothing, nor does one of a call whose
-- words were taken back.
WITH held AS ({turns.held}), started AS (
    UPDATE tool_call SET state = 'running'
    WHERE id = :id AND state IN ('planned', 'waiting') AND call IS NOT NULL
    AND EXISTS (SELECT FROM held)
    RETURNING 1
)
SELECT EXISTS (SELECT FROM started) AS started FROM held

-- name: finish
WITH held AS ({turns.held}), ended AS (
    UPDATE tool_call SET state = :state, result = :result,
        rests_on = CAST(:rests_on AS bigint[]), ended_at = clock_timestamp()
    WHERE id = :id AND call IS NOT NULL AND EXISTS (SELECT FROM held)
)
SELECT 1 FROM held

-- name: stop
-- Those that were under way when the answer was stopped.
WITH held AS ({turns.held})
UPDATE tool_call SET state = CASE WHEN changes AND state = 'running' THEN 'unknown'
                                  ELSE 'refused' END,
    ended_at = clock_timestamp()
WHERE turn_id = ANY(CAST(:turns AS bigint[])) AND NOT retired
AND state IN ('planned', 'waiting', 'running')
AND EXISTS (SELECT FROM held)
RETURNING tool, state

-- name: read
-- What an earlier attempt has called, or the answers that a turn goes on with. A result that tells of
-- what was taken back since is stale.
SELECT id, turn_id, round, position, tool, changes, state, hash, key, call, said, usage, result,
       coalesce(rests_on, '{}') AS rests_on,
       EXISTS (SELECT FROM message m WHERE m.channel_id = c.channel_id AND m.deleted
               AND m.seq = ANY(c.rests_on)) AS is_stale
FROM tool_call c WHERE turn_id = ANY(CAST(:turns AS bigint[])) AND NOT retired
AND call IS NOT NULL
ORDER BY turn_id, round, position

-- name: words_gone
-- Nothing is left of the words of calls whose turn is over.
-- What waited for consent has none.
UPDATE tool_call SET call = NULL, said = NULL, usage = NULL, result = NULL, rests_on = NULL,
    state = CASE WHEN state = 'waiting' THEN 'refused' ELSE state END

-- name: retired
-- The person asks for another answer: the calls of the former one are no part of it.
UPDATE tool_call SET retired = true, call = NULL, said = NULL, usage = NULL, result = NULL,
    rests_on = NULL
