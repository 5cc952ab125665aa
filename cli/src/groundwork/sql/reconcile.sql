-- Each statement counts one kind of orphan and names one of them; all run in one snapshot, and change nothing.

-- name: sight
SELECT pg_has_role('rag_owner', 'USAGE'), current_user,
       EXISTS (SELECT FROM pg_tables WHERE schemaname = 'feedback' AND tablename = 'ratings')

-- name: chunks_of_other_versions
SELECT count(*), 'document ' || min(c.document_id::text)
  FROM rag.chunks c
 WHERE NOT EXISTS (SELECT 1 FROM rag.documents d
                    WHERE d.tenant_id = c.tenant_id AND d.id = c.document_id AND d.current_version = c.version)

-- name: chunks_without_vector
SELECT count(*), 'document ' || min(c.document_id::text)
  FROM rag.chunks c
 WHERE NOT EXISTS (SELECT 1 FROM rag.active_vectors v WHERE v.tenant_id = c.tenant_id AND v.chunk_id = c.id)

-- A chunk of stopwords or symbols alone has no postings. A number is never a stopword, nor is a word of eleven letters.
-- name: chunks_without_postings
SELECT count(*), 'document ' || min(c.document_id::text)
  FROM rag.chunks c
 WHERE NOT EXISTS (SELECT 1 FROM rag.postings p WHERE p.tenant_id = c.tenant_id AND p.chunk_id = c.id)
   AND c.text ~ '[[:digit:]]|[[:alpha:]]{11}'

-- name: vectors_without_chunk
SELECT count(*), 'chunk ' || min(v.chunk_id)
  FROM rag.active_vectors v
 WHERE NOT EXISTS (SELECT 1 FROM rag.chunks c WHERE c.tenant_id = v.tenant_id AND c.id = v.chunk_id)

-- name: postings_without_chunk
SELECT count(*), 'chunk ' || min(p.chunk_id)
  FROM rag.postings p
 WHERE NOT EXISTS (SELECT 1 FROM rag.chunks c WHERE c.tenant_id = p.tenant_id AND c.id = p.chunk_id)

-- name: statistics_that_differ
SELECT count(*), 'tenant ' || min(tenant_id)
  FROM (SELECT c.tenant_id, count(*) AS chunks, sum(coalesce(p.length, 0)) AS length
          FROM rag.chunks c
          LEFT JOIN LATERAL (SELECT length FROM rag.postings p
                              WHERE p.tenant_id = c.tenant_id AND p.chunk_id = c.id LIMIT 1) p ON true
         GROUP BY c.tenant_id) AS counted
  FULL JOIN rag.lexical_statistics kept USING (tenant_id)
 WHERE (coalesce(kept.chunks, 0), coalesce(kept.length, 0))
    <> (coalesce(counted.chunks, 0), coalesce(counted.length, 0))

-- name: documents_without_text
SELECT count(*), 'document ' || min(d.id::text)
  FROM rag.documents d
 WHERE d.current_version IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM rag.document_versions v
                    WHERE v.tenant_id = d.tenant_id AND v.document_id = d.id AND v.version = d.current_version
                      AND v.text IS NOT NULL)

-- name: versions_without_job
SELECT count(*), 'document ' || min(v.document_id::text)
  FROM rag.document_versions v
 WHERE NOT EXISTS (SELECT 1 FROM rag.jobs j WHERE j.tenant_id = v.tenant_id AND j.document_id = v.document_id
                                              AND j.version = v.version)

-- name: blobs_without_version
SELECT count(*), 'document ' || min(b.document_id::text)
  FROM rag.blobs b
 WHERE NOT EXISTS (SELECT 1 FROM rag.document_versions v
                    WHERE v.tenant_id = b.tenant_id AND v.document_id = b.document_id AND v.version = b.version)

-- name: jobs_not_queued
SELECT count(*), 'job ' || min(j.id::text)
  FROM rag.jobs j
 WHERE j.status IN ('queued', 'running')
   AND NOT EXISTS (SELECT 1 FROM queue.procrastinate_jobs q WHERE q.lock = j.id::text AND q.status IN ('todo', 'doing'))

-- name: queued_without_job
SELECT count(*), 'row ' || min(q.id)
  FROM queue.procrastinate_jobs q
 WHERE q.task_name = 'ingest' AND q.status IN ('todo', 'doing')
   AND NOT EXISTS (SELECT 1 FROM rag.jobs j WHERE j.id::text = q.lock)

-- name: ratings_without_answer
SELECT count(*), 'rating ' || min(r.id::text)
  FROM feedback.ratings r
 WHERE NOT EXISTS (SELECT 1 FROM rag.answers a WHERE a.tenant_id = r.tenant_id AND a.id = r.answer_id)

-- name: told_without_document
SELECT count(*), 'answer ' || min(t.answer_id::text)
  FROM rag.answer_documents t
 WHERE NOT EXISTS (SELECT 1 FROM rag.documents d WHERE d.tenant_id = t.tenant_id AND d.id = t.document_id)

-- name: removals_not_told
SELECT count(*), 'outbox ' || min(o.id)
  FROM rag.outbox o
 WHERE o.created_at < now() - interval '1 hour'
