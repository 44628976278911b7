-- What resting_answers.py runs.

-- name: find_candidates
-- Answers for which one of these messages was found, or whose window held one; with what was asked.
-- One without `shown_from` was made by an older Nellie, which noted all that it rests on.
SELECT a.seq, a.text, a.rests_on, coalesce(a.shown_from, a.seq) AS shown_from, found,
       coalesce(q.text, '') AS asked
FROM message a
CROSS JOIN LATERAL (SELECT a.rests_on && CAST(:seqs AS bigint[]) AS found) f
LEFT JOIN message q ON q.channel_id = :channel AND q.seq = a.rests_on[1]
WHERE a.channel_id = :channel AND a.rests_on IS NOT NULL AND NOT a.deleted AND a.seq > :first
AND NOT a.seq = ANY(CAST(:gone AS bigint[]))
AND (found OR a.shown_from <= :last)

-- name: find_words
-- Which of an answer's words stand in what it was shown, whether in something that is forgotten,
-- and whether also in something older than the answer that is not.
SELECT answer.seq, bool_or(shown.seq = ANY(CAST(:gone AS bigint[]))) AS forgotten, EXISTS (
    SELECT FROM posting WHERE channel_id = :channel AND posting.term = answer.term
    AND posting.seq < answer.seq AND NOT posting.seq = ANY(CAST(:gone AS bigint[]))
) AS stands
FROM json_to_recordset(CAST(:answers AS json))
     AS answer(seq bigint, shown_from bigint, rests_on bigint[], term text)
CROSS JOIN LATERAL (
    SELECT seq FROM posting WHERE channel_id = :channel AND posting.term = answer.term
    AND seq >= answer.shown_from AND seq < answer.seq
    UNION
    SELECT seq FROM posting WHERE channel_id = :channel AND posting.term = answer.term
    AND seq = ANY(answer.rests_on)
) shown
GROUP BY answer.seq, answer.term ORDER BY answer.seq

-- name: find_rest
-- What goes on with these answers: it is a part of them, whatever its words (continuations.sql).
WITH RECURSIVE part AS (
    SELECT rests_on[1] AS asked, false AS goes_on FROM message
    WHERE channel_id = :channel AND seq = ANY(CAST(:answers AS bigint[]))
    UNION
    SELECT later.trigger_seq, true FROM part
    JOIN turn t ON t.channel_id = :channel AND t.trigger_seq = part.asked
        AND t.error LIKE 'GoneOn %'
    JOIN turn later ON later.id = CAST(substring(t.error FROM 8) AS bigint)
)
SELECT a.seq FROM part JOIN message a ON a.channel_id = :channel AND a.seq > part.asked
AND part.goes_on AND a.rests_on IS NOT NULL AND a.rests_on[1] = part.asked AND NOT a.deleted
