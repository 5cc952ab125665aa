-- Run in this order in one transaction: the locks come first, so that a publication either is counted or finds nothing.

-- name: lock_documents
SELECT id FROM documents
 WHERE (%(id)s::uuid IS NULL OR id = %(id)s) AND (%(collection_id)s::int IS NULL OR collection_id = %(collection_id)s)
 ORDER BY id
   FOR UPDATE

-- name: take_from_statistics
WITH gone AS (
    SELECT (SELECT p.length FROM postings p WHERE p.tenant_id = c.tenant_id AND p.chunk_id = c.id LIMIT 1) AS length
      FROM chunks c WHERE c.document_id = ANY (%(ids)s)
), counted AS (
    SELECT count(*) AS chunks, coalesce(sum(length), 0) AS length FROM gone
)
UPDATE lexical_statistics s SET chunks = s.chunks - counted.chunks, length = s.length - counted.length FROM counted

-- name: delete_documents
DELETE FROM documents WHERE id = ANY (%(ids)s)

-- name: find_collection
SELECT id FROM collections WHERE name = %(name)s

-- name: remove_empty_collection
SELECT remove_empty_collection(%(collection_id)s) AS removed
