-- What turns.py runs.

-- name: columns
-- A turn with its question as bot.store.turns.to_turn reads it.
{messages.columns}, t.id AS turn_id, t.lane, t.attempts, t.posted, t.question, t.files,
t.text AS turn_text, t.reply, t.private, t.remembered, t.asker_id, t.asker_name, t.mentions,
CAST(extract(epoch FROM clock_timestamp() - t.created_at) AS float8) AS waited

-- name: own_ids
-- By what the answers of turn t, whose question is m, are found: what it posted, or what
-- bot.core.answering calls an answer that no platform has an id for.
t.posted || ARRAY[format('turn:%s', t.id),
    format('turn:%s:%s', t.id, floor(extract(epoch FROM m.said_at))),
    format('turn:%s:%s', t.id, ceil(extract(epoch FROM m.said_at)))]

-- name: next_epoch
nextval('lane_epoch')

-- name: claim_lane
-- A lane is claimed where it is idle. Its row stays locked until the commit, also where it is
-- another replica's: its owner reads the waiting turns again, under the same locks, before it lets
-- the lane go. A person's lane is made anew each time, so a lane cannot count its epochs itself: no
-- lease is ever given twice.
INSERT INTO lane (channel_id, lane, owner, until, epoch)
SELECT :channel, :lane, :owner, clock_timestamp() + make_interval(secs => :lease), {next_epoch}

-- name: if_idle
-- The end of a statement that begins with `claim_lane`.
ON CONFLICT (channel_id, lane) DO UPDATE
SET owner = excluded.owner, epoch = excluded.epoch, until = excluded.until
WHERE lane.owner IS NULL
RETURNING epoch

-- name: opened
-- The turn of what is `stored`. What the message's row does not hold, its turn does: for as long
-- as it is open, or remembered.
claimed AS (
    {claim_lane} FROM stored {if_idle}
), opened AS (
    INSERT INTO turn (channel_id, lane, trigger_seq, state, attempts, question, files, private,
                      remembered, asker_id, asker_name, mentions, reply)
    SELECT :channel, :lane, stored.seq,
           CASE WHEN epoch IS NULL THEN 'waiting' ELSE 'running' END,
           CASE WHEN epoch IS NULL THEN 0 ELSE 1 END,
           CASE WHEN stored.deleted THEN CAST(:question AS text) END,
           CASE WHEN stored.deleted THEN CAST(:files AS jsonb) END, :private,
           NOT stored.deleted, :asker_id, :asker_name, CAST(:mentions AS text[]),
           nullif(CAST(:reply AS text), '')
    FROM stored LEFT JOIN claimed ON true
    RETURNING id, trigger_seq AS seq, remembered
), counted AS ({quota_counters.opened})
SELECT opened.seq, opened.id, opened.remembered, claimed.epoch,
       CAST(NULL AS text) AS early, CAST(NULL AS timestamptz) AS early_at,
       CAST(NULL AS jsonb) AS early_files, {search.no_hits}
FROM opened LEFT JOIN claimed ON true

-- name: open_turn
WITH incoming AS ({message_inserts.one_incoming}), {message_inserts.one_stored}, {opened}
UNION ALL SELECT NULL, NULL, NULL, NULL, text, at, files, {search.no_hits} FROM early

-- name: search_ahead
-- What a question finds, before it is stored: counted as if it was. Nothing is looked for where it
-- will wait, or is known.
WITH asked AS (
    SELECT term FROM unnest(CAST(:terms AS text[])) AS one(term)
    WHERE NOT EXISTS (
        SELECT FROM lane WHERE channel_id = :channel AND lane = :lane AND owner IS NOT NULL)
    AND NOT EXISTS (
        SELECT FROM message WHERE channel_id = :channel AND external_id = CAST(:id AS text))
), spoken AS (
    SELECT seq + 1 AS seq FROM channel WHERE id = :channel
), {search.scoring}
SELECT CAST(NULL AS bigint) AS seq, CAST(NULL AS bigint) AS id, CAST(NULL AS boolean) AS remembered,
       CAST(NULL AS bigint) AS epoch, CAST(NULL AS text) AS early,
       CAST(NULL AS timestamptz) AS early_at, CAST(NULL AS jsonb) AS early_files, hit.*,
       EXISTS (SELECT FROM asked) AS was_searched,
       CAST(extract(epoch FROM clock_timestamp() - statement_timestamp()) AS float8) AS took
FROM ({search.hit_arrays}) hit

-- name: open_turn_of_known
-- An edit has added a mention to a message that asked nothing so far. A person who opted out may
-- ask as well: what they say takes its place with no text.
WITH stored AS (
    UPDATE message m SET addressed = true, thread = CAST(:thread AS text)
    WHERE m.channel_id = :channel AND m.external_id = :id AND NOT m.addressed AND NOT m.nellie
    AND (NOT m.deleted OR EXISTS (
        SELECT FROM optout o WHERE o.channel_id = :channel AND o.author_id = :asker_id))
    AND NOT EXISTS (SELECT FROM turn t WHERE t.channel_id = :channel AND t.trigger_seq = m.seq)
    RETURNING m.seq, m.deleted
), moved AS (
    UPDATE channel SET epoch = epoch + 1 FROM stored WHERE id = :channel
), {opened}

-- name: store
{message_inserts.store}

-- name: is_answered
SELECT EXISTS (
    SELECT FROM message m JOIN turn t ON t.channel_id = m.channel_id AND t.trigger_seq = m.seq
    WHERE m.channel_id = :channel AND m.thread = :thread AND m.thread <> ''
    AND m.author_id = :author AND t.lane = :lane AND t.state IN ('done', 'failed'))

-- name: count_answers_to_bots
-- Since a person last spoke in the thread; at top level, where nobody may ever speak but bots,
-- within an hour. What stands there may have started a thread: with Slack, each question does.
WITH said AS (
    SELECT seq, nellie, bot, deleted FROM message
    WHERE channel_id = :channel AND thread = :thread AND thread <> ''
    UNION ALL
    SELECT seq, nellie, bot, deleted FROM message
    WHERE channel_id = :channel AND CAST(:thread AS text) = '' AND thread IN ('', external_id)
    AND said_at > now() - interval '1 hour'
)
SELECT count(*) FROM said JOIN turn t ON t.channel_id = :channel AND t.trigger_seq = said.seq
WHERE said.bot AND t.state <> 'cancelled' AND said.seq > coalesce(
    (SELECT max(seq) FROM said WHERE NOT nellie AND NOT bot AND NOT deleted), 0)

-- name: held
SELECT 1 FROM lane WHERE {is_held}

-- name: is_held
-- By its key: with `owner =`, a plan that is made while the table is small reads all lanes of a replica
-- by the index of owners.
channel_id = :channel AND lane = :lane AND owner IS NOT DISTINCT FROM :owner AND epoch = :epoch

-- name: without_waiting
-- Losing what these statements keep costs, in a crash, only a look on the platform or another call
-- of the model, so they do not wait for the disk.
fast AS (SELECT set_config('synchronous_commit', 'off', true))

-- name: keep_posted
WITH {without_waiting}, held AS ({held}), noted AS (
    UPDATE turn SET posted = CAST(:posted AS text[]) FROM fast
    WHERE id = :turn AND EXISTS (SELECT FROM held)
) SELECT 1 FROM held

-- name: keep_text
WITH {without_waiting}, held AS ({held}), noted AS (
    UPDATE turn SET posted = CAST(:posted AS text[]), text = CASE
        WHEN state = 'running'
        AND (SELECT forgotten FROM channel WHERE id = :channel)
            = coalesce(CAST(:forgotten AS bigint), 0)
        AND NOT EXISTS (
            SELECT FROM jsonb_to_recordset(taken_away) AS gone(epoch bigint)
            WHERE gone.epoch > coalesce(CAST(:read_at AS bigint), 0))
        THEN :text ELSE text END
    FROM fast WHERE id = :turn AND EXISTS (SELECT FROM held)
) SELECT 1 FROM held

-- name: get_kept_text
SELECT text FROM turn WHERE id = :turn AND state = 'running'

-- name: lock_channel
SELECT {channels.state} FROM channel c WHERE id = :channel FOR UPDATE

-- name: lock_lane
{held} FOR UPDATE

-- name: taken
-- The lane's next turn, or the lane is freed; a person's goes, for it bears their id. A turn that is
-- running, with nobody at work on it, was left by a crash or by a commit whose answer was lost.
next AS (
    SELECT id FROM turn
    WHERE channel_id = :channel AND lane = :lane AND state IN ('waiting', 'running')
    AND id <> :turn
    ORDER BY trigger_seq LIMIT 1
), taken AS (
    UPDATE turn SET state = 'running', attempts = attempts + 1
    FROM next WHERE turn.id = next.id RETURNING turn.*
), freed AS (
    UPDATE lane SET owner = NULL, until = clock_timestamp()
    WHERE {is_held} AND lane NOT LIKE 'author:%' AND NOT EXISTS (SELECT FROM next)
)

-- name: gone
gone AS (
    DELETE FROM lane
    WHERE {is_held} AND lane LIKE 'author:%' AND NOT EXISTS (SELECT FROM next)
)

-- name: taken_or_none
(SELECT 1) AS always LEFT JOIN (
    taken t JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
) ON true

-- name: take_next
WITH {taken}, {gone} SELECT {columns} FROM {taken_or_none}

-- name: rests_on
-- As a text (bot.store.parameters), which is read once, not for each row.
(SELECT CAST(CAST(:rests_on AS text) AS bigint[]))

-- name: shown_seqs
(SELECT CAST(CAST(:shown_seqs AS text) AS bigint[]))

-- name: rest_is_gone
EXISTS (SELECT FROM message WHERE channel_id = :channel AND deleted
        AND seq = ANY(CAST({rests_on} AS bigint[])))

-- name: close
-- Behind the locks of the channel and of the lane.
-- A turn that was cancelled while it ran leaves no answer behind, nor does one whose answer was
-- made from what somebody took back meanwhile, or that holds words which an edit took away from what
-- it was made from: then the answer only takes its place. It is not
-- billed when it is closed again, because the answer to a commit was lost. Of a person who is not
-- remembered, or not any more, nothing is left; but a private answer that was cut short can be gone
-- on with for a while (continuations.let_go), unless something was taken back, and so can what asks
-- for consent (consents.settle).
WITH {ended}, taken_back AS (
    SELECT NOT EXISTS (SELECT FROM ended)
       OR {rest_is_gone}
       OR EXISTS (SELECT FROM unnest({rests_on}) AS used(number)
                  WHERE number < 0 AND NOT EXISTS (
                      SELECT FROM document WHERE channel_id = :channel AND id = -number))
       OR CASE WHEN epoch = :shown_epoch THEN false
          ELSE EXISTS (SELECT FROM message WHERE channel_id = :channel AND deleted
                       AND seq = ANY(CAST({shown_seqs} AS bigint[])))
            OR :shown_digest AND forgotten <> :shown_forgotten
            OR EXISTS (
                SELECT FROM turn t CROSS JOIN jsonb_to_recordset(t.taken_away)
                    AS gone(epoch bigint, seq bigint, terms jsonb)
                WHERE t.id = :turn AND gone.epoch > :shown_epoch
                AND (:shown_digest OR gone.seq = ANY(CAST({shown_seqs} AS bigint[]))
                     OR gone.seq = ANY(CAST({rests_on} AS bigint[])))
                AND CASE WHEN gone.terms IS NULL  -- a picture of it
                    THEN gone.seq = ANY(CAST({rests_on} AS bigint[]))
                    ELSE EXISTS (
                        SELECT FROM {message_inserts.given}
                        CROSS JOIN json_object_keys(given.terms) AS word(term)
                        WHERE given.kept AND gone.terms @> to_jsonb(word.term)) END)
          END AS it
    FROM channel WHERE id = :channel
), {told}, incoming AS (
    SELECT *, kept AND NOT (SELECT it FROM taken_back) AS remembered,
           row_number() OVER () AS position
    FROM {message_inserts.given}
), {message_inserts.stored}, {taken}, {gone}
{next}

-- name: lock_undisturbed
-- The channel, where nobody has taken anything back since the window was read.
SELECT 1 FROM channel WHERE id = :channel AND epoch = :shown_epoch FOR UPDATE

-- name: close_undisturbed
-- The same behind `lock_undisturbed`, of an answer that is one post without files and rests on no
-- document. Of what was read for it earlier than the window, something may be gone all the same.
WITH {ended}, taken_back AS MATERIALIZED (
    SELECT NOT EXISTS (SELECT FROM ended) OR {rest_is_gone} AS it
), {told}, incoming AS (
    SELECT *, kept AND NOT (SELECT it FROM taken_back) AS remembered FROM {message_inserts.given}
), {message_inserts.answer_stored}, {taken}, {gone}
{next}

-- name: ended
known AS (
    SELECT t.remembered AND NOT m.deleted AND o.author_id IS NULL AS it,
           :kept AND t.private AND t.text IS NOT NULL OR :asks AND NOT t.remembered AS kept
    FROM turn t JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
    LEFT JOIN optout o ON o.channel_id = t.channel_id AND o.author_id = m.author_id
    WHERE t.id = :turn
), ended AS (
    UPDATE turn SET state = :state, error = CAST(:error AS text),
                    posted = CAST(:posted AS text[]),
                    text = CASE WHEN kept AND NOT :asks THEN text END,
                    question = CASE WHEN kept THEN question END,
                    files = CASE WHEN kept THEN files END, taken_away = NULL,
                    finished_at = clock_timestamp(),
                    asker_id = CASE WHEN it OR kept THEN asker_id ELSE '' END,
                    asker_name = CASE WHEN it OR kept THEN asker_name ELSE '' END,
                    mentions = ARRAY(
                        SELECT id FROM unnest(mentions) mentioned(id) WHERE it AND NOT EXISTS (
                            SELECT FROM optout
                            WHERE channel_id = :channel AND author_id = mentioned.id)),
                    lane = CASE WHEN it OR kept OR turn.lane NOT LIKE 'author:%' THEN turn.lane
                                ELSE 'author:' END
    FROM known
    -- By its key, too, and not by the index of all that are open.
    WHERE id = :turn AND state IS NOT DISTINCT FROM 'running' RETURNING id
), noted AS (
    UPDATE turn SET posted = CAST(:posted AS text[]) WHERE id = :turn AND state = 'cancelled'
), settled AS (
    -- Retired calls have no words; without them, an index serves, however many calls there were.
    {tool_calls.words_gone} WHERE turn_id = ANY(CAST(CAST(:settles AS text) AS bigint[])) AND call IS NOT NULL
    AND NOT retired
), released AS (
    DELETE FROM reservation WHERE turn_id = :turn
)

-- name: told
billed AS (
    INSERT INTO usage (channel_id, purpose, turn_id, author_id, payer, attempt, model, input,
                       cached, cache_write, output, estimated)
    SELECT :channel, 'answer', :turn,
           CASE WHEN (SELECT it FROM known) THEN CAST(:author AS text) END, CAST(:payer AS text),
           :attempt, model, input, cached, cache_write, output, estimated
    FROM json_to_recordset(CAST(:usage AS json))
         AS call(model text, input int, cached int, cache_write int, output int,
                 estimated boolean)
    WHERE (SELECT state = 'running' OR state = 'cancelled' AND NOT EXISTS (
               SELECT FROM usage u WHERE u.channel_id = :channel AND u.turn_id = turn.id)
           FROM turn WHERE id = :turn)
), traced AS (
    {answer_traces.kept}
)

-- name: next
SELECT {columns}, (
    -- As quota_counters.count_ahead, while the turn before it is only just ended.
    SELECT count(*) FROM turn other
    WHERE other.channel_id = t.channel_id AND other.lane = t.lane AND other.id < t.id
    AND other.created_at > t.created_at - interval '1 day'
    AND (other.finished_at IS NULL OR other.finished_at > t.created_at)
    AND CASE WHEN other.id = :turn THEN CAST(:error AS text) ELSE other.error END
        IS DISTINCT FROM 'LimitReached'
) AS ahead FROM {taken_or_none}

-- name: take_over
WITH live AS (
    SELECT CAST(objid AS bigint) AS owner FROM pg_locks
    WHERE locktype = 'advisory' AND CAST(classid AS bigint) = :kind AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
), orphan AS (
    SELECT channel_id, lane FROM lane JOIN channel ON channel.id = channel_id
    WHERE owner IS NOT NULL AND platform = ANY(:platforms)
    AND (until < clock_timestamp() OR owner NOT IN (SELECT owner FROM live))
    ORDER BY until LIMIT :limit FOR UPDATE OF lane SKIP LOCKED
), taken AS (
    UPDATE lane SET owner = :owner, epoch = {next_epoch},
                    until = clock_timestamp() + make_interval(secs => :lease)
    FROM orphan WHERE lane.channel_id = orphan.channel_id AND lane.lane = orphan.lane
    RETURNING lane.channel_id, lane.lane, lane.epoch
)
SELECT * FROM taken

-- name: is_open
SELECT EXISTS (SELECT FROM turn WHERE id = :turn AND state IN ('waiting', 'running'))
