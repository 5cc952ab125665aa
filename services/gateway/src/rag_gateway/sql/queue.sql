-- name: take_turn
INSERT INTO turns AS t (tenant_id, last) SELECT current_tenant(), c.turn FROM ingest_clock c
ON CONFLICT (tenant_id) DO UPDATE SET last = greatest(t.last + 1, excluded.last)
RETURNING last

-- name: lock_entry
SELECT pg_advisory_xact_lock(hashtextextended(%(lock)s, 0))

-- One that waits for its next attempt has waited enough: who retries a job means now. It tells since when it waits, too.
-- name: hurry_entry
UPDATE queue.procrastinate_jobs SET scheduled_at = now() WHERE lock = %(lock)s AND status = 'todo' RETURNING id

-- name: lost_jobs
SELECT tenant_id, id FROM lost_jobs(%(most)s)

-- name: stuck_entries
SELECT id FROM stuck_entries(%(most)s)

-- A worker that seemed dead and still ends the old entry then ends nothing.
-- name: renew_entry
WITH old AS (
    DELETE FROM queue.procrastinate_jobs WHERE id = %(id)s AND status = 'doing' RETURNING *
)
INSERT INTO queue.procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, attempts)
SELECT queue_name, task_name, priority, lock, queueing_lock, args, attempts FROM old
RETURNING id

-- name: forgive_death
UPDATE jobs SET deaths = greatest(deaths - CASE WHEN stage IN ('embed', 'publish') THEN 1 ELSE 10 END, 0)
 WHERE id = %(id)s AND status = 'running'
RETURNING id
