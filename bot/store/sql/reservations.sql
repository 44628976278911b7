-- What reservations.py runs, and how a quota is looked at: by api_calls.sql too.

-- name: amount
-- All that counts today, by whom and where: what was used, and what is held for calls under way.
-- It is read behind the lock (`lock`): what another replica holds by then is seen.
SELECT u.channel_id, u.payer, c.workspace AS team, false AS held, u.tokens,
       coalesce((u.fresh * p.input + u.cached * p.cached + u.cache_write * p.cache_write
                 + u.output * p.output) / 1000000, 0) AS cost
FROM (
    SELECT channel_id, payer, model, sum(input + output) AS tokens, sum(output) AS output,
           sum(greatest(0, input - coalesce(cached, 0) - coalesce(cache_write, 0))) AS fresh,
           coalesce(sum(cached), 0) AS cached, coalesce(sum(cache_write), 0) AS cache_write
    FROM usage WHERE at >= :midnight GROUP BY channel_id, payer, model
) u LEFT JOIN channel c ON c.id = u.channel_id
LEFT JOIN unnest(CAST(:models AS text[]), CAST(:input AS float8[]), CAST(:cached AS float8[]),
                 CAST(:cache_write AS float8[]), CAST(:output AS float8[]))
          AS p(model, input, cached, cache_write, output) ON p.model = u.model
UNION ALL
SELECT NULL, payer, team, false, tokens, cost FROM api_day WHERE day = :day
UNION ALL
SELECT channel_id, payer, team, true, tokens, cost FROM reservation
WHERE until > clock_timestamp()
AND (turn_id IS NULL OR turn_id IS DISTINCT FROM CAST(:turn AS bigint))

-- name: quota
-- Each quota that is set (`:names`, `:most`), with what is used of it and what is held.
amount AS (
    {amount}
), total AS (
    SELECT held, sum(tokens) AS tokens, sum(cost) AS cost,
           sum(tokens) FILTER (WHERE channel_id = CAST(:channel AS bigint)) AS channel_tokens,
           sum(tokens) FILTER (WHERE payer = CAST(:payer AS text)) AS person_tokens,
           sum(cost) FILTER (WHERE payer = CAST(:payer AS text)) AS person_cost,
           sum(tokens) FILTER (WHERE team = CAST(:team AS text)) AS team_tokens,
           sum(cost) FILTER (WHERE team = CAST(:team AS text)) AS team_cost
    FROM amount GROUP BY held
), quota AS (
    SELECT name, most,
           CAST(coalesce(sum(one.amount) FILTER (WHERE NOT held), 0) AS float8) AS used,
           CAST(coalesce(sum(one.amount) FILTER (WHERE held), 0) AS float8) AS held
    FROM unnest(CAST(:names AS text[]), CAST(:most AS float8[])) AS asked(name, most)
    LEFT JOIN (
        total CROSS JOIN LATERAL (
            VALUES ('tokens', CAST(tokens AS float8)), ('cost', CAST(cost AS float8)),
                   ('channel_tokens', CAST(channel_tokens AS float8)),
                   ('person_tokens', CAST(person_tokens AS float8)),
                   ('person_cost', CAST(person_cost AS float8)),
                   ('team_tokens', CAST(team_tokens AS float8)),
                   ('team_cost', CAST(team_cost AS float8))
        ) AS one(title, amount)
    ) ON one.title = name
    GROUP BY name, most
)

-- name: reached
EXISTS (SELECT FROM quota WHERE used + held >= most)

-- name: used_up
EXISTS (SELECT FROM quota WHERE used >= most)

-- name: look
WITH {quota} SELECT name, used, held FROM quota

-- name: lock
-- Whoever reserves something of these quotas waits here for the others.
SELECT pg_advisory_xact_lock(:kind, :first), pg_advisory_xact_lock(:kind, :second),
       pg_advisory_xact_lock(:kind, :third), pg_advisory_xact_lock(:kind, :fourth)

-- name: reserve
-- What a turn held before it was tried again gives way.
WITH {quota}, made AS (
    INSERT INTO reservation AS r (turn_id, channel_id, payer, team, tokens, cost, until)
    SELECT CAST(:turn AS bigint), CAST(:channel AS bigint), CAST(:payer AS text),
           CAST(:team AS text), :tokens, :held_cost,
           clock_timestamp() + make_interval(secs => :lease)
    WHERE NOT {reached}
    ON CONFLICT (turn_id) DO UPDATE
    SET tokens = excluded.tokens, cost = excluded.cost, until = excluded.until
    RETURNING id
)
SELECT name, used, held, (SELECT id FROM made) AS id FROM quota

-- name: renew
UPDATE reservation SET until = clock_timestamp() + make_interval(secs => :lease)
WHERE id = ANY(CAST(:held AS bigint[])) RETURNING id

-- name: release
DELETE FROM reservation WHERE id = :held

-- name: drop_old
DELETE FROM reservation WHERE until < clock_timestamp()

-- name: drop_days
DELETE FROM api_day WHERE day < :day
