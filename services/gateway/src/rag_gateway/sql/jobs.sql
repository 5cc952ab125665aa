-- name: list_jobs
SELECT j.id, j.document_id, j.version, j.status, j.stage, j.done, j.total, j.error_code, j.error_message, j.created_at,
       j.finished_at,
       (SELECT count(*) FROM jobs q WHERE q.status = 'queued' AND q.created_at < j.created_at) AS ahead
  FROM jobs j
  JOIN documents d ON d.tenant_id = j.tenant_id AND d.id = j.document_id
  JOIN collections c ON c.tenant_id = d.tenant_id AND c.id = d.collection_id
 WHERE (%(id)s::uuid IS NULL OR j.id = %(id)s) AND (%(status)s::text IS NULL OR j.status = %(status)s)
   AND (%(collection)s::text IS NULL OR c.name = %(collection)s)
   AND (%(before)s::timestamptz IS NULL OR (j.created_at, j.id) < (%(before)s, %(before_id)s))
 ORDER BY j.created_at DESC, j.id DESC
 LIMIT %(limit)s

-- name: cancel_job
UPDATE jobs SET status = 'cancelled', finished_at = now()
 WHERE id = %(id)s AND status IN ('queued', 'running')
RETURNING id

-- name: retry_job
UPDATE jobs SET status = 'queued', stage = NULL, done = 0, total = 0, error_code = NULL, error_message = NULL,
       finished_at = NULL
 WHERE id = %(id)s AND status IN ('failed', 'cancelled')
   AND version = (SELECT max(v.version) FROM document_versions v WHERE v.document_id = jobs.document_id)
RETURNING id
