-- What page_operating.py runs.

-- name: get_signed_in
SELECT max(id) AS session, platform, workspace, max(name) AS name, count(*) AS browsers,
       max(seen_at) AS seen
FROM page_session WHERE {page_sessions.idle}
GROUP BY platform, workspace, person_id ORDER BY 6 DESC LIMIT :most

-- name: get_person
SELECT platform, workspace, person_id, name FROM page_session WHERE id = :session

-- name: get_models
SELECT id, model FROM channel WHERE id = ANY(CAST(:channels AS bigint[])) AND model IS NOT NULL

-- name: get_tools
SELECT s.channel_id, s.tool FROM tool_switch s JOIN channel c ON c.id = s.channel_id
WHERE s.channel_id = ANY(CAST(:channels AS bigint[])) AND s.enabled AND c.uses_tools
ORDER BY s.channel_id
