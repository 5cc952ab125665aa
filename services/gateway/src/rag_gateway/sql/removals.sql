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

-- What a model wrote from the documents goes, quotations are read from the documents and go with them. Citations with
-- a quote are those of quotations, where the model's sentences have none.
-- name: redact_answers
WITH told AS (
    DELETE FROM answer_documents
     WHERE document_id = ANY (%(ids)s) AND (%(answer_id)s::uuid IS NULL OR answer_id = %(answer_id)s)
    RETURNING answer_id
)
UPDATE answers a
   SET query = question,
       parts = (SELECT coalesce(jsonb_agg(p.part ORDER BY p.n) FILTER (WHERE p.part ? 'unit' OR p.part ->> 'text' !~ '\S'), '[]')
                  FROM jsonb_array_elements(a.parts) WITH ORDINALITY AS p (part, n)) || CASE a.answer_mode WHEN 'both' THEN '[{"text": "\n\n[removed]"}]'::jsonb ELSE '[{"text": "[removed]"}]' END,
       citations = CASE a.answer_mode WHEN 'both' THEN jsonb_path_query_array(a.citations, '$[*] ? (@.quote != null)') ELSE '[]' END
 WHERE a.id IN (SELECT answer_id FROM told) AND a.answer_mode <> 'quote'
   AND EXISTS (SELECT 1 FROM jsonb_array_elements(a.parts) AS part WHERE part ->> 'text' ~ '\S')

-- name: tell_of_removal
INSERT INTO outbox (tenant_id, kind, payload)
VALUES (current_tenant(), 'redaction', jsonb_build_object('document_ids', %(ids)s::uuid[]))

-- name: delete_documents
DELETE FROM documents WHERE id = ANY (%(ids)s)

-- name: find_collection
SELECT id FROM collections WHERE name = %(name)s

-- name: remove_empty_collection
SELECT remove_empty_collection(%(collection_id)s) AS removed
