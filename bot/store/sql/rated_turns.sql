-- What rated_turns.py runs.

-- name: get_newest
-- An answer is found by the ids that its turn has posted; what was forgotten is not there.
SELECT {turns.columns}, {channels.state}, r.good, answer.text AS answer
FROM (
    SELECT channel_id, turn_id, bool_and(good) AS good, max(at) AS at
    FROM rating WHERE CAST(:channel AS bigint) IS NULL OR channel_id = CAST(:channel AS bigint)
    GROUP BY channel_id, turn_id ORDER BY max(at) DESC LIMIT :most
) r
JOIN turn t ON t.id = r.turn_id
JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
JOIN channel c ON c.id = t.channel_id
LEFT JOIN LATERAL (
    SELECT string_agg(a.text, E'\n' ORDER BY a.seq) AS text FROM message a
    WHERE a.channel_id = t.channel_id AND a.nellie AND NOT a.deleted
    AND a.external_id = ANY({turns.own_ids})
) answer ON true
WHERE t.remembered AND NOT m.deleted AND m.text <> ''
ORDER BY r.at DESC
