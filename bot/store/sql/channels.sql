-- What channels.py runs.

-- name: state
-- A channel's row as bot.store.channels.to_state reads it.
c.id AS channel_id, c.platform, c.workspace, c.external_id AS channel_external, c.name,
c.direct, c.seq AS channel_seq, c.watermark, c.epoch, c.window_tokens, c.forgotten, c.persona,
c.model, c.generation, c.late_tokens, c.uses_tools, c.answer_style, c.summary_wanted,
EXISTS (SELECT FROM document d WHERE d.channel_id = c.id) AS has_documents

-- name: find
SELECT id FROM channel
WHERE platform = :platform AND workspace = :workspace AND external_id = :external

-- name: find_or_add
INSERT INTO channel (platform, workspace, external_id, name, direct)
VALUES (:platform, :workspace, :external, :name, :direct)
ON CONFLICT (platform, workspace, external_id)
DO UPDATE SET name = CASE WHEN excluded.name = '' THEN channel.name ELSE excluded.name END
RETURNING id

-- name: get_state
SELECT {state} FROM channel c WHERE id = :channel

-- name: get_every_state
SELECT {state} FROM channel c ORDER BY seq DESC, id

-- name: get_states_in_workspace
SELECT {state} FROM channel c
WHERE platform = :platform AND (workspace = :workspace OR CAST(:workspace AS text) = '')
AND NOT EXISTS (SELECT FROM removal r WHERE r.channel_id = c.id AND r.thread = '')
ORDER BY seq DESC, id

-- name: get_read_until
SELECT read_until FROM channel WHERE id = :channel

-- name: set_read_until
UPDATE channel SET read_until = greatest(read_until, CAST(:until AS timestamptz))
WHERE id = :channel

-- name: rename
UPDATE channel SET name = :name
WHERE platform = :platform AND workspace = :workspace AND external_id = :external

-- name: set_persona
UPDATE channel SET persona = :persona, epoch = epoch + 1 WHERE id = :channel

-- name: set_model
UPDATE channel SET model = :model, generation = :generation WHERE id = :channel

-- name: get_retention
SELECT retention FROM channel WHERE id = :channel

-- name: set_retention
UPDATE channel SET retention = CAST(:days AS int) WHERE id = :channel

-- name: opt_out
INSERT INTO optout VALUES (:channel, :author) ON CONFLICT DO NOTHING

-- name: opt_in
DELETE FROM optout WHERE channel_id = :channel AND author_id = :author

-- name: is_opted_out
SELECT EXISTS (SELECT FROM optout WHERE channel_id = :channel AND author_id = :author)

-- name: is_anything_elsewhere
SELECT EXISTS (
    SELECT FROM channel c
    WHERE (platform, workspace, external_id) <> (:platform, :workspace, :id) AND EXISTS (
        SELECT FROM message m WHERE m.channel_id = c.id AND NOT m.deleted))
