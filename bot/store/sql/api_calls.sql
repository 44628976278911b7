-- What api_calls.py runs. A call without a status is under way, as long as its reservation holds.

-- name: known
-- Whose key is gone by now was forgotten: a replica may know it for some seconds more.
known AS (SELECT EXISTS (SELECT FROM api_key WHERE id = :key) AS it)

-- name: begin
WITH {known}, called AS (
    INSERT INTO api_call (key_id, platform, person_id, name, team, kind, asked, model,
                          stream, request)
    SELECT CASE WHEN it THEN :key END, :platform, CASE WHEN it THEN :person ELSE '' END,
           CASE WHEN it THEN :name ELSE '' END, :team, :kind,
           CASE WHEN it THEN :asked ELSE '' END, :model, :stream,
           CASE WHEN it THEN CAST(:request AS text) END FROM known
    RETURNING id
), made AS (
    INSERT INTO reservation (call_id, payer, team, tokens, cost, until)
    SELECT id, CAST(:payer AS text), CAST(:team AS text), :tokens, :held_cost,
           clock_timestamp() + make_interval(secs => :lease) FROM called
    RETURNING id
)
SELECT called.id AS call, made.id FROM called, made

-- name: begin_within_quotas
-- A call that is one too many leaves a row too, and is over; unless it will try again (`:last`).
WITH {reservations.quota}, {known}, called AS (
    INSERT INTO api_call (key_id, platform, person_id, name, team, kind, asked, model,
                          stream, request, status, error)
    SELECT CASE WHEN it THEN :key END, :platform, CASE WHEN it THEN :person ELSE '' END,
           CASE WHEN it THEN :name ELSE '' END, CAST(:team AS text), :kind,
           CASE WHEN it THEN :asked ELSE '' END, :model, :stream,
           CASE WHEN it THEN CAST(:request AS text) END,
           CASE WHEN {reservations.reached} THEN '429' END,
           CASE WHEN {reservations.reached} THEN 'budget_exceeded' ELSE '' END
    FROM known
    WHERE :last OR {reservations.used_up} OR NOT {reservations.reached}
    RETURNING id, status
), made AS (
    INSERT INTO reservation (call_id, payer, team, tokens, cost, until)
    SELECT id, CAST(:payer AS text), CAST(:team AS text), :tokens, :held_cost,
           clock_timestamp() + make_interval(secs => :lease) FROM called WHERE status IS NULL
    RETURNING id
)
SELECT name, used, held, (SELECT id FROM called) AS call, (SELECT id FROM made) AS id FROM quota

-- name: end
-- Once: what comes later changes nothing. One that counted as lost has come back. Of a person who
-- was forgotten meanwhile, no word is kept.
WITH ended AS (
    UPDATE api_call SET status = :status, saved = :saved, model = :model,
        input = :input, cached = :cached, cache_write = :cache_write, output = :output,
        estimated = :estimated, cost = :cost, first_token_ms = :first_token_ms,
        total_ms = :total_ms, error = CASE WHEN key_id IS NULL THEN '' ELSE :error END,
        answer = CASE WHEN request IS NOT NULL THEN CAST(:answer AS text) END
    WHERE id = :call AND (status IS NULL OR status = 'lost')
    RETURNING id
), released AS (
    DELETE FROM reservation WHERE call_id = :call
)
INSERT INTO api_day AS d (day, payer, team, tokens, cost)
SELECT :day, :payer, :team, :tokens, :spent FROM ended
WHERE CAST(:tokens AS bigint) > 0
ON CONFLICT (day, payer, team)
DO UPDATE SET tokens = d.tokens + excluded.tokens, cost = d.cost + excluded.cost

-- name: mark_lost
-- Their replica is gone: what they used, nobody knows.
UPDATE api_call SET status = 'lost' WHERE status IS NULL AND NOT EXISTS (
    SELECT FROM reservation WHERE call_id = api_call.id AND until > clock_timestamp())

-- name: let_go
UPDATE api_call SET request = NULL, answer = NULL
WHERE request IS NOT NULL AND at < clock_timestamp() - make_interval(days => :days)
AND status IS NOT NULL

-- name: shown
c.id, c.at, k.prefix, c.platform, c.person_id, c.name, c.team, c.kind, c.asked, c.model, c.stream,
CASE WHEN c.status IS NOT NULL THEN c.status
     WHEN r.until > clock_timestamp() THEN 'open' ELSE 'lost' END AS status,
c.error, c.saved, c.input, c.cached, c.cache_write, c.output, c.estimated, c.cost,
c.first_token_ms, c.total_ms

-- name: rows
FROM api_call c LEFT JOIN api_key k ON k.id = c.key_id LEFT JOIN reservation r ON r.call_id = c.id

-- name: get_newest
SELECT * FROM (
    SELECT {shown} {rows}
    WHERE (CAST(:person AS text) IS NULL OR c.person_id = :person OR c.name = :person
           OR k.prefix = :person)
    AND (CAST(:model AS text) IS NULL OR c.asked = :model OR c.model = :model)
    AND (CAST(:since AS timestamptz) IS NULL OR c.at >= :since)
    AND (CAST(:after AS bigint) IS NULL OR c.id > :after OR c.id = ANY(CAST(:ids AS bigint[])))
) found
WHERE CAST(:status AS text) IS NULL OR status = :status
OR (:status = 'failed' AND status NOT IN ('200', 'open'))
ORDER BY id DESC LIMIT :limit

-- name: get
SELECT {shown}, c.request, c.answer {rows} WHERE c.id = :call

-- name: sum_up
-- What a person's calls, or everybody's, came to.
SELECT model, count(*) AS calls,
       count(*) FILTER (WHERE status <> '200') AS failed,
       coalesce(sum(input) FILTER (WHERE saved = ''), 0) AS input,
       coalesce(sum(cached) FILTER (WHERE saved = ''), 0) AS cached,
       coalesce(sum(cache_write) FILTER (WHERE saved = ''), 0) AS cache_write,
       coalesce(sum(output) FILTER (WHERE saved = ''), 0) AS output,
       count(*) FILTER (WHERE saved <> '') AS saved_calls,
       coalesce(sum(input + output) FILTER (WHERE saved <> ''), 0) AS saved_tokens,
       sum(cost) AS cost
FROM api_call
WHERE platform = :platform AND person_id = :person AND at >= :since AND status IS NOT NULL
GROUP BY model ORDER BY 4 DESC, model
