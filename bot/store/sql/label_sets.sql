-- What label_sets.py runs. Whoever changes something holds the channel (lock_channel).

-- name: put
-- Once more it has other labels; what is an example of one that is gone goes.
WITH gone AS (
    DELETE FROM label_example
    WHERE channel_id = :channel AND name = :name
    AND label <> ALL(CAST(:labels AS text[]))
    RETURNING id
), put AS (
    INSERT INTO label_set (channel_id, name, labels)
    SELECT :channel, :name, :labels
    WHERE EXISTS (SELECT FROM label_set WHERE channel_id = :channel AND name = :name)
    OR (SELECT count(*) FROM label_set WHERE channel_id = :channel) < :most
    ON CONFLICT (channel_id, name) DO UPDATE SET labels = excluded.labels
    RETURNING name
)
SELECT (SELECT count(*) FROM gone) AS gone, EXISTS (SELECT FROM put) AS put

-- name: add
-- What nobody may keep is not kept: words of who opted out, and a message that has changed.
INSERT INTO label_example (channel_id, name, label, text, hash, author_id, added_by, seq)
SELECT :channel, :name, :label, :text, :hash, :author, :person, CAST(:seq AS bigint)
WHERE NOT EXISTS (
    SELECT FROM optout WHERE channel_id = :channel AND author_id IN (:author, :person))
AND (CAST(:seq AS bigint) IS NULL OR EXISTS (
    SELECT FROM message
    WHERE channel_id = :channel AND seq = :seq AND text = :text AND NOT deleted))
AND (SELECT count(*) FROM label_example WHERE channel_id = :channel AND name = :name) < :most
ON CONFLICT (channel_id, name, hash) DO NOTHING
RETURNING id

-- name: find_same
SELECT label FROM label_example WHERE channel_id = :channel AND name = :name AND hash = :hash

-- name: count
SELECT count(*) FROM label_example WHERE channel_id = :channel AND name = :name

-- name: find_sets
SELECT s.name, s.labels, count(e.id) AS examples
FROM label_set s LEFT JOIN label_example e ON e.channel_id = s.channel_id AND e.name = s.name
WHERE s.channel_id = :channel GROUP BY s.name, s.labels ORDER BY s.name

-- name: find_set
SELECT labels FROM label_set WHERE channel_id = :channel AND name = :name

-- name: find_examples
SELECT id, label, text FROM label_example
WHERE channel_id = :channel AND name = :name ORDER BY id

-- name: remove_set
WITH examples AS (DELETE FROM label_example WHERE channel_id = :channel AND name = :name)
DELETE FROM label_set WHERE channel_id = :channel AND name = :name RETURNING name

-- name: remove_example
DELETE FROM label_example
WHERE channel_id = :channel AND name = :name AND id = :id RETURNING label

-- name: of_messages
DELETE FROM label_example
WHERE channel_id = :channel AND seq = ANY(CAST(:seqs AS bigint[]))

-- name: of_person
DELETE FROM label_example
WHERE channel_id = :channel
AND (CAST(:person AS text) IS NULL OR author_id = :person OR added_by = :person)
