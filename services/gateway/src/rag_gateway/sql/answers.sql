-- name: insert_answer
INSERT INTO answers (tenant_id, id, subject, question, query, parts, sources, citations, dropped, grounded, degraded,
                     answer_mode, finish_reason, usage, timings_ms, model, prompt_version, index_version, trace_id)
VALUES (current_tenant(), %(id)s, %(subject)s, %(question)s, %(query)s, %(parts)s, %(sources)s, %(citations)s,
        %(dropped)s, %(grounded)s, %(degraded)s, %(answer_mode)s, %(finish_reason)s, %(usage)s, %(timings_ms)s,
        %(model)s, %(prompt_version)s, %(index_version)s, %(trace_id)s)

-- The lock makes a removal wait for an answer that is being kept, or the answer see that the document is gone.
-- name: lock_documents_told
SELECT d.id FROM documents d WHERE d.id = ANY (%(ids)s) ORDER BY d.id FOR KEY SHARE

-- name: insert_answer_documents
INSERT INTO answer_documents (tenant_id, document_id, answer_id)
SELECT current_tenant(), told.id, %(answer_id)s FROM unnest(%(ids)s::uuid[]) AS told (id)

-- name: read_answer
SELECT id, created_at, question, query, parts, sources, citations, dropped, grounded, degraded, answer_mode,
       finish_reason, usage, timings_ms, model, prompt_version, index_version, trace_id
  FROM answers
 WHERE id = %(id)s AND (subject = %(subject)s OR %(any_subject)s)

-- name: read_spans
SELECT wanted.position, substr(v.text, wanted.start_char + 1, wanted.end_char - wanted.start_char) AS text, coalesce(d.title, '') AS title,
       d.uri, d.metadata
  FROM unnest(%(document_ids)s::uuid[], %(versions)s::int[], %(starts)s::int[], %(ends)s::int[])
       WITH ORDINALITY AS wanted (document_id, version, start_char, end_char, position)
  JOIN documents d ON d.id = wanted.document_id
  JOIN document_versions v ON v.tenant_id = d.tenant_id AND v.document_id = d.id AND v.version = wanted.version
 WHERE v.text IS NOT NULL
