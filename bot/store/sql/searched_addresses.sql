-- What searched_addresses.py runs.

-- name: add
INSERT INTO searched_address (channel_id, hash)
SELECT :channel, hash FROM unnest(CAST(:hashes AS text[])) AS one(hash)
ON CONFLICT (channel_id, hash) DO UPDATE SET at = excluded.at

-- name: has
SELECT EXISTS (
    SELECT FROM searched_address
    WHERE channel_id = :channel AND hash = :hash AND at > now() - make_interval(days => :days))

-- name: let_go
DELETE FROM searched_address WHERE at < now() - make_interval(days => :days)
