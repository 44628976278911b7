-- What summaries.py runs.

-- name: add_segment
INSERT INTO segment (channel_id, first_seq, last_seq, statements, participants, began, ended,
                     tokens, seqs)
VALUES (:channel_id, :first_seq, :last_seq, CAST(:statements AS jsonb),
        CAST(:participants AS text[]), :began, :ended, :tokens, CAST(:seqs AS bigint[]))

-- name: add_to_ledger
INSERT INTO ledger (channel_id, first_seq, last_seq, messages, tokens_before, tokens_after, model,
                    input_tokens, output_tokens, rebuilt, flagged)
VALUES (:channel_id, :first_seq, :last_seq, :messages, :tokens_before, :tokens_after, :model,
        :input_tokens, :output_tokens, :rebuilt, :flagged)

-- name: move_watermark
-- The epoch moves with every edit, deletion and persona: what was summarized is then no longer
-- what was said, and the work is done again.
UPDATE channel SET epoch = epoch + 1, compact_after = NULL, failures = 0,
    watermark = greatest(watermark, :last), window_watermark = greatest(watermark, :last),
    window_after = newest.said_at, window_after_seq = newest.seq
FROM (SELECT said_at, seq FROM (
          SELECT said_at, seq FROM message
          WHERE channel_id = :channel AND seq = ANY(CAST(:seqs AS bigint[]))
          UNION ALL SELECT window_after, window_after_seq FROM channel WHERE id = :channel
      ) all_of_them ORDER BY said_at DESC, seq DESC LIMIT 1) newest
WHERE id = :channel AND watermark = :watermark AND epoch = :epoch

-- name: mark_late
-- What came in after this number, and was said before the window now begins.
UPDATE message m SET late = true FROM channel c
WHERE c.id = :channel AND m.channel_id = c.id AND m.seq > :read AND NOT m.late AND NOT m.deleted
AND (m.said_at, m.seq) <= (c.window_after, c.window_after_seq)
AND m.seq <> ALL(CAST(:seqs AS bigint[]))

-- name: unmark_late
UPDATE message SET late = false
WHERE channel_id = :channel AND late
AND (CAST(:seqs AS bigint[]) IS NULL OR seq = ANY(CAST(:seqs AS bigint[])))

-- name: count_tokens
UPDATE channel c SET
    window_tokens = (SELECT coalesce(sum(tokens), 0) FROM message
                     WHERE channel_id = c.id AND said_at >= c.window_after
                     AND (said_at, seq) > (c.window_after, c.window_after_seq) AND NOT deleted),
    late_tokens = (SELECT coalesce(sum(tokens), 0) FROM message
                   WHERE channel_id = c.id AND late)
WHERE id = :channel

-- name: follow_watermark
-- A replica of an older version has compacted by numbers: the window begins after all of that.
UPDATE channel SET epoch = epoch + 1, window_watermark = watermark,
    window_after = newest.said_at, window_after_seq = newest.seq
FROM (
    SELECT m.said_at, m.seq FROM channel c JOIN message m ON m.channel_id = c.id
    WHERE c.id = :channel AND m.seq <= c.watermark ORDER BY m.said_at DESC, m.seq DESC LIMIT 1
) newest
WHERE id = :channel AND watermark <> window_watermark
RETURNING watermark

-- name: finish_late
UPDATE channel SET epoch = epoch + 1, compact_after = NULL, failures = 0
WHERE id = :channel AND epoch = :epoch

-- name: raise_epoch
UPDATE channel SET epoch = epoch + 1, failures = 0 WHERE id = :channel AND epoch = :epoch

-- name: delete_segment
DELETE FROM segment WHERE channel_id = :channel AND first_seq = :first

-- name: set_digest
INSERT INTO digest (channel_id, text, first_seq, last_seq)
SELECT :channel, :text, min(first_seq), max(last_seq) FROM segment
WHERE channel_id = :channel HAVING count(*) > 0
ON CONFLICT (channel_id) DO UPDATE
SET text = excluded.text, first_seq = excluded.first_seq, last_seq = excluded.last_seq,
    dirty = false

-- name: postpone
UPDATE channel SET failures = failures + 1, compact_after = now() + make_interval(
    secs => least(:most, :seconds * power(2, least(failures, 30))))
WHERE id = :channel

-- name: get_segments
SELECT * FROM segment WHERE channel_id = :channel ORDER BY ended, first_seq

-- name: count_segments
SELECT count(*) FROM segment WHERE channel_id = :channel

-- name: get_digest
SELECT text FROM digest WHERE channel_id = :channel AND NOT dirty

-- name: get_ledger
SELECT at, first_seq AS first, last_seq AS last, messages, tokens_before, tokens_after, model,
       rebuilt, flagged
FROM ledger WHERE channel_id = :channel ORDER BY id DESC LIMIT :limit

-- name: find_due
SELECT id FROM channel
WHERE (window_tokens > :high OR late_tokens > :cold
       OR (window_tokens > :cold AND last_at < now() - interval '1 hour'))
AND coalesce(compact_after, '-infinity') < now()
ORDER BY window_tokens DESC LIMIT 100

-- name: find_dirty
SELECT id FROM channel c
WHERE (EXISTS (SELECT FROM segment s WHERE s.channel_id = c.id AND s.dirty)
       OR EXISTS (SELECT FROM digest d WHERE d.channel_id = c.id AND d.dirty))
AND coalesce(compact_after, '-infinity') < now()

-- name: mark_all_dirty
-- With a new epoch, so that no prompt goes on with the digest that it knows.
WITH marked AS (
    UPDATE segment SET dirty = true WHERE channel_id = :channel RETURNING 1
), hidden AS (
    UPDATE digest SET dirty = true WHERE channel_id = :channel
), moved AS (
    UPDATE channel SET epoch = epoch + 1, compact_after = NULL, failures = 0
    WHERE id = :channel AND EXISTS (SELECT FROM marked)
)
SELECT count(*) FROM marked

-- name: delete_segments
DELETE FROM segment WHERE channel_id = :channel

-- name: delete_digest
DELETE FROM digest WHERE channel_id = :channel

-- name: reset_watermark
UPDATE channel SET watermark = 0, window_watermark = 0, epoch = epoch + 1,
    window_after = '-infinity', window_after_seq = 0
WHERE id = :channel
