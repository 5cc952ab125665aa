-- The line is the queue's own, in which a job is known by its lock; the pace is that of the caller's last twenty.
-- name: list_jobs
WITH line AS MATERIALIZED (
    SELECT w.lock, min(w.position) AS position
      FROM (SELECT q.lock, row_number() OVER (ORDER BY q.priority DESC, q.id) AS position
              FROM queue.procrastinate_jobs q WHERE q.status = 'todo') w
     GROUP BY w.lock
), pace AS (
    SELECT avg(extract(epoch FROM r.finished_at - r.started_at))::float AS seconds
      FROM (SELECT f.started_at, f.finished_at FROM jobs f WHERE f.status = 'succeeded' AND f.started_at IS NOT NULL
             ORDER BY f.finished_at DESC LIMIT 20) r
), rest AS (
    SELECT min(extract(epoch FROM w.advanced_at - w.started_at) * (w.total - w.done) / w.done)::float AS seconds
      FROM jobs w WHERE w.status = 'running' AND w.done > 0
)
SELECT j.id, j.document_id, j.version, j.status, j.stage, j.done, j.total, j.error_code, j.error_message, v.notices,
       j.created_at, j.finished_at, CASE WHEN j.status = 'queued' THEN line.position END AS queue_position,
       extract(epoch FROM j.advanced_at - j.started_at)::float AS elapsed_s,
       extract(epoch FROM now() - j.advanced_at)::float AS silent_s, pace.seconds AS pace_s, rest.seconds AS rest_s,
       (SELECT count(*) FROM queue.procrastinate_jobs q WHERE q.status = 'doing') AS at_once
  FROM jobs j
  JOIN documents d ON d.tenant_id = j.tenant_id AND d.id = j.document_id
  JOIN document_versions v ON v.tenant_id = j.tenant_id AND v.document_id = j.document_id AND v.version = j.version
  JOIN collections c ON c.tenant_id = d.tenant_id AND c.id = d.collection_id
 CROSS JOIN pace
 CROSS JOIN rest
  LEFT JOIN line ON line.lock = j.id::text
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
       finished_at = NULL, deaths = 0, waits = 0
 WHERE id = %(id)s AND status IN ('failed', 'cancelled')
   AND version = (SELECT max(v.version) FROM document_versions v WHERE v.document_id = jobs.document_id)
RETURNING id
