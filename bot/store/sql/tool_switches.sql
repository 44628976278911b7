-- What tool_switches.py runs.

-- name: read
-- At least one row, where tools are used in the channel.
SELECT s.tool, s.enabled, s.described
FROM channel c LEFT JOIN tool_switch s ON s.channel_id = c.id
WHERE c.id = :channel AND c.uses_tools

-- name: set
INSERT INTO tool_switch (channel_id, tool, enabled, described)
SELECT :channel, tool, :enabled, described
FROM unnest(CAST(:tools AS text[]), CAST(:described AS text[])) AS one(tool, described)
ON CONFLICT (channel_id, tool) DO UPDATE
SET enabled = excluded.enabled, described = excluded.described, at = excluded.at

-- name: mark
UPDATE channel SET uses_tools = :uses WHERE id = :channel AND uses_tools <> :uses
