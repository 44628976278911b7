-- What page_sessions.py runs. Secrets are nowhere: `:hash`, `:link` and `:former` are all that is known.

-- name: idle
seen_at > clock_timestamp() - make_interval(days => :days)

-- name: whose
platform = :platform AND workspace = :workspace AND person_id = :person

-- name: add_link
-- A person has one link at a time: a newer one takes its place.
WITH gone AS (
    DELETE FROM page_link WHERE ({whose}) OR until < clock_timestamp()
)
INSERT INTO page_link (hash, platform, workspace, person_id, name, at_once, until)
VALUES (:hash, :platform, :workspace, :person, :name, :at_once,
        clock_timestamp() + make_interval(secs => :seconds))

-- name: find_link
SELECT name, platform, at_once FROM page_link WHERE hash = :hash AND until > clock_timestamp()

-- name: sign_in
-- The link goes in the statement that uses it: of two at once, one waits, and finds it gone.
WITH link AS (
    DELETE FROM page_link WHERE hash = :link AND until > clock_timestamp()
    RETURNING platform, workspace, person_id, name
), former AS (
    DELETE FROM page_session
    WHERE (hash = :former OR NOT ({idle})) AND EXISTS (SELECT FROM link)
), noted AS (
    INSERT INTO audit (platform, workspace, person_id, name, action, what)
    SELECT platform, workspace, person_id, name, 'signed in', '' FROM link
)
INSERT INTO page_session (hash, platform, workspace, person_id, name)
SELECT CAST(:hash AS text), platform, workspace, person_id, name FROM link RETURNING id

-- name: find
-- When it was last seen is noted once a minute.
WITH found AS (
    SELECT id, platform, workspace, person_id, name, seen_at FROM page_session
    WHERE hash = :hash AND {idle}
), noted AS (
    UPDATE page_session p SET seen_at = clock_timestamp() FROM found
    WHERE p.id = found.id AND found.seen_at < clock_timestamp() - interval '1 minute'
)
SELECT id, platform, workspace, person_id, name FROM found

-- name: end
WITH gone AS (
    DELETE FROM page_session
    WHERE id = :session OR (CAST(:everywhere AS boolean) AND {whose})
    RETURNING id
), links AS (
    DELETE FROM page_link WHERE CAST(:everywhere AS boolean) AND {whose}
)
INSERT INTO audit (platform, workspace, person_id, name, action, what)
SELECT :platform, :workspace, :person, CAST(:name AS text), CAST(:action AS text), ''
WHERE EXISTS (SELECT FROM gone)

-- name: end_of_person
WITH links AS (DELETE FROM page_link WHERE {whose})
DELETE FROM page_session WHERE {whose}

-- name: get_of_person
SELECT id, created_at AS since, seen_at AS seen FROM page_session
WHERE {whose} AND {idle} ORDER BY seen_at DESC, id DESC LIMIT :most
