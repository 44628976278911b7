-- What person_traces.py runs. `:person` is the id; NULL means everybody.

-- name: count
-- What bears the id, by channel: what the person said, and whatever else names them. A question that
-- mentions them is one place, though its turn mentions them too.
SELECT channel_id, CAST(sum(messages) AS bigint) AS messages, CAST(sum(others) AS bigint) AS others,
       min(said_at) AS first
FROM (
    SELECT channel_id, 1 AS messages, 0 AS others, said_at FROM message
    WHERE channel_id = ANY(:channels) AND author_id = :person AND NOT nellie AND NOT deleted
    UNION ALL
    SELECT channel_id, 0, 1, NULL FROM message m
    WHERE channel_id = ANY(:channels) AND mentions <> '{}' AND :person = ANY(mentions)
    AND (nellie OR author_id <> :person) AND NOT EXISTS (
        SELECT FROM turn t
        WHERE t.channel_id = m.channel_id AND t.trigger_seq = m.seq AND :person = ANY(t.mentions))
    UNION ALL
    SELECT channel_id, 0, 1, NULL FROM turn
    WHERE channel_id = ANY(:channels)
    AND (asker_id = :person OR lane = :lane OR :person = ANY(mentions))
    UNION ALL
    SELECT channel_id, 0, 1, NULL FROM lane WHERE channel_id = ANY(:channels) AND lane = :lane
    UNION ALL
    SELECT channel_id, 0, 1, NULL FROM usage WHERE channel_id = ANY(:channels) AND author_id = :person
    UNION ALL
    SELECT channel_id, 0, 1, NULL FROM rating WHERE channel_id = ANY(:channels) AND author_id = :person
    UNION ALL
    SELECT channel_id, 0, 1, NULL FROM reminder
    WHERE channel_id = ANY(:channels) AND person_id = :person
    UNION ALL
    SELECT channel_id, 0, 1, NULL FROM label_example
    WHERE channel_id = ANY(:channels) AND :person IN (author_id, added_by)
    UNION ALL
    SELECT channel_id, 0, 1, NULL FROM rule_ping
    WHERE channel_id = ANY(:channels) AND kind = 'person' AND target_id = :person
    UNION ALL
    SELECT channel_id, 0, 1, NULL FROM posted_file
    WHERE channel_id = ANY(:channels) AND seq = 0 AND author_id = :person
    UNION ALL
    SELECT channel_id, 0, 1, NULL FROM consent
    WHERE channel_id = ANY(:channels) AND decided_by = :person
) found GROUP BY channel_id

-- name: get_seqs
SELECT seq FROM message
WHERE channel_id = :channel AND author_id = :person AND NOT nellie AND NOT deleted ORDER BY seq

-- name: get_running
SELECT id FROM turn
WHERE channel_id = :channel AND state = 'running'
AND (trigger_seq = ANY(:seqs) OR asker_id = :person OR lane = :lane)

-- name: cancel_turns
-- What is not remembered of a person, only their turns know: a private question, say.
UPDATE turn SET text = NULL, taken_away = NULL, question = NULL, files = NULL,
    asker_id = '', asker_name = '', mentions = '{}',
    finished_at = coalesce(finished_at, now()), state = 'cancelled'
WHERE channel_id = :channel AND state IN ('waiting', 'running')
AND (asker_id = :person OR lane = :lane)

-- name: take_out_of_turns
-- Of those that have ended: what is still owed must know whom to.
UPDATE turn SET asker_id = '', asker_name = '', text = NULL, question = NULL, files = NULL,
    lane = CASE WHEN lane LIKE 'author:%' THEN 'author:' ELSE lane END
WHERE channel_id = :channel AND state NOT IN ('waiting', 'running')
AND (CAST(:person AS text) IS NULL OR asker_id = :person OR lane = :lane)

-- name: take_out_of_mentions
UPDATE turn SET mentions = CASE WHEN CAST(:person AS text) IS NULL THEN '{}'
                                ELSE array_remove(mentions, :person) END
WHERE channel_id = :channel AND mentions <> '{}'
AND (CAST(:person AS text) IS NULL OR :person = ANY(mentions))

-- name: take_out_of_messages
-- What others said stays, without the id of whom they mentioned.
UPDATE message SET mentions = CASE WHEN CAST(:person AS text) IS NULL THEN '{}'
                                   ELSE array_remove(mentions, :person) END
WHERE channel_id = :channel AND mentions <> '{}'
AND (CAST(:person AS text) IS NULL OR :person = ANY(mentions))

-- name: take_out_of_lanes
-- The lane in which an answer is being made goes when it is free (turns.taken).
DELETE FROM lane
WHERE channel_id = :channel AND owner IS NULL AND lane LIKE 'author:%'
AND (CAST(:person AS text) IS NULL OR lane = :lane)

-- name: take_out_of_usage
UPDATE usage SET author_id = NULL
WHERE channel_id = :channel AND author_id IS NOT NULL
AND (CAST(:person AS text) IS NULL OR author_id = :person)

-- name: take_out_of_ratings
-- What was thought of an answer still counts, each opinion once.
UPDATE rating SET author_id = format('forgotten %s', gen_random_uuid())
WHERE channel_id = :channel
AND CASE WHEN CAST(:person AS text) IS NULL THEN author_id NOT LIKE 'forgotten %'
    ELSE author_id = :person END

-- name: take_out_of_early_edits
-- Whose they are is not known: the messages have not come yet.
{early_edits.drop_all}

-- name: take_out_of_reminders
-- With what a turn was to post of them.
WITH gone AS (
    DELETE FROM reminder
    WHERE channel_id = :channel AND (CAST(:person AS text) IS NULL OR person_id = :person)
    RETURNING 'reminder:' || id AS trigger_id
)
UPDATE turn t SET reply = NULL FROM gone, message m
WHERE m.channel_id = :channel AND m.external_id = gone.trigger_id
AND t.channel_id = m.channel_id AND t.trigger_seq = m.seq

-- name: take_out_of_examples
{label_sets.of_person}

-- name: take_out_of_rules
-- Whom a rule tells; roles and user groups are nobody's.
DELETE FROM rule_ping
WHERE channel_id = :channel AND kind = 'person'
AND (CAST(:person AS text) IS NULL OR target_id = :person)

-- name: take_out_of_tool_calls
-- Also of answers to others that are being made: what was looked up about the person.
{tool_calls.words_gone}
WHERE channel_id = :channel AND call IS NOT NULL
AND (CAST(:person AS text) IS NULL OR position(:person IN concat_ws(' ', call, said, result)) > 0)

-- name: take_out_of_confirmations
-- Also what others were asked about this person.
DELETE FROM confirmation
WHERE channel_id = :channel
AND (CAST(:person AS text) IS NULL OR person = :fingerprint OR position(:person IN command) > 0)

-- name: take_out_of_consents
{consents.taken_out}

-- name: forget_name
-- A direct message is called as its person is.
UPDATE channel SET name = '' WHERE id = :channel AND direct AND name <> ''

-- name: get_platform
SELECT platform FROM channel WHERE id = :channel

-- name: keep_out
-- What was said before this moment is not read in later.
INSERT INTO forgetting (channel_id, person, at) VALUES (:channel, :fingerprint, clock_timestamp())
ON CONFLICT (channel_id, person) DO UPDATE SET at = excluded.at

-- name: stop
SELECT pg_notify(:requests, CAST(id AS text)) FROM unnest(CAST(:turns AS bigint[])) AS running(id)

-- name: delete_help_channels
-- Former versions made a row for whoever pressed Help in Slack, where no channel has a person's id.
DELETE FROM channel
WHERE platform = 'slack' AND external_id = :person AND direct AND seq = 0
