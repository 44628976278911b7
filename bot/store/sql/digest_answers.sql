-- What digest_answers.py runs.

-- name: find_segments
-- All of a channel, where one of them rests on these messages.
SELECT last_seq, statements, participants FROM segment
WHERE channel_id = :channel AND NOT dirty AND EXISTS (
    SELECT FROM segment s WHERE s.channel_id = :channel AND NOT s.dirty
    AND s.seqs && CAST(:seqs AS bigint[]))

-- name: find_holding
-- Answers that hold one of these terms, though it stood neither in the question nor in anything
-- else that they were shown word for word. OFFSET 0 makes Postgres look the terms up one by one.
SELECT found.seq, asked.term
FROM json_array_elements_text(CAST(:terms AS json)) AS asked(term)
CROSS JOIN LATERAL (
    SELECT p.seq, a.shown_from, a.rests_on
    FROM posting p JOIN message a ON a.channel_id = :channel AND a.seq = p.seq
    WHERE p.channel_id = :channel AND p.term = asked.term AND p.seq > :since
    AND a.rests_on IS NOT NULL AND NOT a.deleted
    OFFSET 0
) found
WHERE NOT EXISTS (
    SELECT FROM posting o WHERE o.channel_id = :channel AND o.term = asked.term
    AND o.seq >= found.shown_from AND o.seq < found.seq
    AND NOT o.seq = ANY(CAST(:seqs AS bigint[])))
AND NOT EXISTS (
    SELECT FROM posting o WHERE o.channel_id = :channel AND o.term = asked.term
    AND o.seq = ANY(found.rests_on) AND NOT o.seq = ANY(CAST(:seqs AS bigint[])))
