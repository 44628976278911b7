-- What api_traces.py runs. Without a platform, the person is meant wherever they are; one who sits
-- before a front end is called by its person and their own id.

-- name: meant
(CASE WHEN CAST(:platform AS text) IS NOT NULL
      THEN platform = :platform AND person_id = CAST(:person AS text)
      ELSE person_id = CAST(:person AS text)
           OR platform = '' AND right(person_id, length(CAST(:person AS text)) + 1)
                                = '/' || CAST(:person AS text) END)

-- name: count
SELECT (SELECT count(*) FROM api_key WHERE {meant}) AS keys,
       (SELECT count(*) FROM api_call WHERE {meant}) AS calls,
       (SELECT count(*) FROM page_session WHERE {meant})
       + (SELECT count(*) FROM page_link WHERE {meant})
       + (SELECT count(DISTINCT file_id) FROM upload_piece WHERE {meant})
       + (SELECT count(*) FROM audit WHERE {meant}) AS page

-- name: delete_keys
DELETE FROM api_key WHERE {meant}

-- name: take_out_of_page
-- They are signed out. What they changed was changed, by somebody.
WITH sessions AS (
    DELETE FROM page_session WHERE {meant}
), links AS (
    DELETE FROM page_link WHERE {meant}
)
UPDATE audit SET person_id = '', name = '', what = '' WHERE {meant}

-- name: delete_uploads
DELETE FROM upload_piece WHERE {meant}

-- name: take_out_of_calls
-- What they used still counts.
UPDATE api_call SET key_id = NULL, person_id = '', name = '', asked = '', error = '',
                    request = NULL, answer = NULL
WHERE {meant}

-- name: delete_reservations
DELETE FROM reservation WHERE payer = ANY(CAST(:payers AS text[]))

-- name: get_platforms
SELECT DISTINCT platform FROM api_key WHERE {meant}
