-- What postings.py runs.

-- name: insert
INSERT INTO posting (channel_id, term, seq, count, length)
SELECT :channel, key, :seq, CAST(value AS smallint), CAST(:length AS smallint)
FROM json_each_text(CAST(:terms AS json))

-- name: delete_by_term
-- By their place on the disk, so that each is looked up also where there are no statistics yet.
DELETE FROM posting WHERE ctid = ANY(ARRAY(
    SELECT (SELECT ctid FROM posting
            WHERE channel_id = :channel AND term = gone.term AND seq = gone.seq)
    FROM unnest(CAST(:terms AS text[]), CAST(:seqs AS bigint[])) AS gone(term, seq)
)) RETURNING term, seq, count AS count_, length

-- name: delete_by_message
WITH gone AS (
    DELETE FROM posting WHERE channel_id = :channel AND seq = ANY(CAST(:seqs AS bigint[]))
    RETURNING term
) SELECT DISTINCT term FROM gone
