-- The line is the queue's own, in which a job is known by its lock; the pace is that of the caller's last twenty.
-- One that waits is silent since anything of the caller's moved; where only others' documents run, nobody can tell.
-- name: list_jobs
WITH line AS MATERIALIZED (
    SELECT w.lock, min(w.position) AS position, min(w.scheduled_at) AS due_at
      FROM (SELECT q.lock, q.scheduled_at, row_number() OVER (ORDER BY q.priority DESC, q.id) AS position
              FROM queue.procrastinate_jobs q WHERE q.status = 'todo') w
     GROUP BY w.lock
), pace AS (
    SELECT avg(extract(epoch FROM r.finished_at - r.started_at))::float AS one_s, max(r.finished_at) AS last_at
      FROM (SELECT f.started_at, f.finished_at FROM jobs f WHERE f.status = 'succeeded' AND f.started_at IS NOT NULL
             ORDER BY f.finished_at DESC LIMIT 20) r
), running AS (
    SELECT min(w.passage_s * (w.total - w.done)) AS rest_s, max(w.passage_s) AS passage_s, max(w.advanced_at) AS last_at,
           max(w.total) FILTER (WHERE w.stage = 'publish') AS publishing
      FROM (SELECT *, extract(epoch FROM advanced_at - started_at)::float / nullif(done, 0) AS passage_s FROM jobs
             WHERE status = 'running') w
), doing AS (
    SELECT count(*) AS at_once FROM queue.procrastinate_jobs q WHERE q.status = 'doing'
)
SELECT j.id, j.document_id, j.version, j.status, j.stage, j.done, j.total, j.error_code, j.error_message, v.notices,
       j.created_at, j.finished_at, CASE WHEN j.status = 'queued' THEN line.position END AS queue_position,
       extract(epoch FROM j.advanced_at - j.started_at)::float AS elapsed_s,
       CASE WHEN j.status = 'running' THEN extract(epoch FROM now() - j.advanced_at)::float
            WHEN doing.at_once = 0 OR running.last_at IS NOT NULL
            THEN extract(epoch FROM now() - greatest(j.created_at, j.advanced_at, line.due_at, pace.last_at,
                                                     running.last_at))::float END AS silent_s,
       pace.one_s, running.rest_s, running.passage_s, running.publishing, doing.at_once
  FROM jobs j
  JOIN documents d ON d.tenant_id = j.tenant_id AND d.id = j.document_id
  JOIN document_versions v ON v.tenant_id = j.tenant_id AND v.document_id = j.document_id AND v.version = j.version
  JOIN collections c ON c.tenant_id = d.tenant_id AND c.id = d.collection_id
 CROSS JOIN pace
 CROSS JOIN running
 CROSS JOIN doing
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
