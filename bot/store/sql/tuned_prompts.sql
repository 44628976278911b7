-- What tuned_prompts.py runs.

-- name: lock
-- What a channel has now; nobody changes it until the transaction ends.
SELECT persona, answer_style AS rules, summary_wanted AS summary FROM channel
WHERE id = :channel FOR UPDATE

-- name: set
-- The epoch moves, as with every persona: what was made from the former prompts is not committed.
UPDATE channel SET persona = CAST(:persona AS text), answer_style = CAST(:rules AS text),
    summary_wanted = CAST(:summary AS text), epoch = epoch + 1
WHERE id = :channel

-- name: add
INSERT INTO tuned_prompt (channel_id, number, applied, former)
SELECT :channel, coalesce(max(number), 0) + 1, CAST(:applied AS jsonb), CAST(:former AS jsonb)
FROM tuned_prompt WHERE channel_id = :channel

-- name: get_newest
SELECT number, at, applied, former FROM tuned_prompt WHERE channel_id = :channel
ORDER BY number DESC LIMIT 1

-- name: remove
DELETE FROM tuned_prompt WHERE channel_id = :channel AND number = :number
