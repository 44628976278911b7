-- What answer_traces.py runs, and what other files include.

-- name: numbers
-- All columns but the key, the time, and what names what a question was about.
waited_ms, first_text_ms, whole_ms, stages, parts, budget, window_from, window_messages, digest,
in_window

-- name: named
recalled, by_words, by_meaning, by_conversation, documents, passages, pages, passage_scores

-- name: kept
-- With the turn's end, for the statement that ends it (turns.close). What was recalled tells what a
-- question was about: of one that is not remembered, it is not kept. Where an answer was made
-- before, it was asked for again: the time between does not count.
INSERT INTO answer_trace AS former (channel_id, turn_id, {numbers}, {named})
SELECT :channel, :turn, {numbers},
       CASE WHEN it THEN recalled END, CASE WHEN it THEN by_words END,
       CASE WHEN it THEN by_meaning END, CASE WHEN it THEN by_conversation END,
       CASE WHEN it THEN documents END, CASE WHEN it THEN passages END,
       CASE WHEN it THEN pages END, CASE WHEN it THEN passage_scores END
FROM known, json_to_recordset(CAST(:trace AS json)) AS made(
    waited_ms int, first_text_ms int, whole_ms int, stages jsonb, parts jsonb, budget int,
    window_from bigint, window_messages int, digest bigint, in_window int,
    recalled bigint[], by_words real[], by_meaning real[], by_conversation real[],
    documents bigint[], passages int[], pages int[], passage_scores real[])
WHERE EXISTS (SELECT FROM ended)
ON CONFLICT (channel_id, turn_id) DO UPDATE SET
    at = now(), waited_ms = 0, first_text_ms = excluded.first_text_ms - excluded.waited_ms,
    whole_ms = excluded.whole_ms - excluded.waited_ms, stages = excluded.stages,
    parts = excluded.parts, budget = excluded.budget, window_from = excluded.window_from,
    window_messages = excluded.window_messages, digest = excluded.digest,
    in_window = excluded.in_window, recalled = excluded.recalled, by_words = excluded.by_words,
    by_meaning = excluded.by_meaning, by_conversation = excluded.by_conversation,
    documents = excluded.documents, passages = excluded.passages, pages = excluded.pages,
    passage_scores = excluded.passage_scores

-- name: forgotten
-- What was recalled for questions that are forgotten; how long it took still counts.
UPDATE answer_trace a SET recalled = NULL, by_words = NULL, by_meaning = NULL,
    by_conversation = NULL, documents = NULL, passages = NULL, pages = NULL, passage_scores = NULL
FROM open WHERE a.channel_id = :channel AND a.turn_id = open.id

-- name: get
SELECT {numbers}, {named} FROM answer_trace WHERE channel_id = :channel AND turn_id = :turn
