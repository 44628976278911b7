-- What removals.py runs.

-- name: note
INSERT INTO removal (channel_id, thread) VALUES (:channel, :thread) ON CONFLICT DO NOTHING

-- name: undo
DELETE FROM removal WHERE channel_id = :channel AND thread = ''

-- name: find_threads_left
-- What has another link or none was not read on the platform: a command's question, an import.
SELECT DISTINCT thread FROM message
WHERE channel_id = :channel AND thread <> '' AND NOT deleted AND NOT nellie
AND strpos(link, CAST(:address AS text)) > 0
AND NOT EXISTS (
    SELECT FROM removal r WHERE r.channel_id = :channel AND r.thread = message.thread)

-- name: find_due
SELECT channel_id, thread FROM removal
WHERE NOT forgotten AND at < now() - make_interval(days => :days) ORDER BY at LIMIT :limit

-- name: mark_forgotten
UPDATE removal SET forgotten = true
WHERE channel_id = :channel AND thread = :thread AND NOT forgotten
AND at < now() - make_interval(days => :days)

-- name: get_seqs
SELECT seq FROM message
WHERE channel_id = :channel AND NOT deleted AND (CAST(:thread AS text) = '' OR thread = :thread)

-- name: cancel_turns
UPDATE turn SET text = NULL, question = NULL, files = NULL, asker_id = '', asker_name = '', mentions = '{}',
    finished_at = now(), state = 'cancelled'
WHERE channel_id = :channel AND state IN ('waiting', 'running')
AND (CAST(:thread AS text) = '' OR lane = format('thread:%s', CAST(:thread AS text)))

-- name: free_ids
-- What is read back on a later return comes in anew; what people took back before stays out.
UPDATE message SET external_id = format('%s (forgotten, %s)', external_id, seq)
WHERE channel_id = :channel AND (seq = ANY(CAST(:seqs AS bigint[])) OR external_id = :introduction)

-- name: begin_anew
UPDATE channel SET introduced = false, read_until = NULL, reviewed_until = NULL,
    name = CASE WHEN direct THEN '' ELSE name END
WHERE id = :channel

-- name: delete_schedule
DELETE FROM schedule WHERE channel_id = :channel

-- name: delete_rules
{rules.remove_all}
