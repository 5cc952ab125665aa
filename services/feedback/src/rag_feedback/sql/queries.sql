-- name: keep
INSERT INTO feedback.ratings (
    tenant_id, subject, answer_id, rating, reasons, comment, correction, verdicts,
    trace_id, model, prompt_version, index_version, sources
)
VALUES (
    %(tenant)s, %(subject)s, %(answer_id)s, %(rating)s, %(reasons)s, %(comment)s, %(correction)s, %(verdicts)s,
    %(trace_id)s, %(model)s, %(prompt_version)s, %(index_version)s, %(sources)s
)
ON CONFLICT (tenant_id, subject, answer_id) DO UPDATE SET
    rating = excluded.rating,
    reasons = excluded.reasons,
    comment = excluded.comment,
    correction = excluded.correction,
    verdicts = excluded.verdicts,
    trace_id = excluded.trace_id,
    model = excluded.model,
    prompt_version = excluded.prompt_version,
    index_version = excluded.index_version,
    sources = excluded.sources,
    updated_at = now()
RETURNING *

-- name: withdraw
DELETE FROM feedback.ratings
WHERE tenant_id = %(tenant)s AND subject = %(subject)s AND answer_id = %(answer_id)s
RETURNING id

-- name: redact
UPDATE feedback.ratings
SET comment = NULL, correction = NULL
WHERE tenant_id = %(tenant)s
    AND (comment IS NOT NULL OR correction IS NOT NULL)
    AND EXISTS (
        SELECT 1 FROM jsonb_array_elements(sources) AS source
        WHERE source ->> 'document_id' = ANY (%(document_ids)s)
    )
RETURNING id

-- name: newest
SELECT *
FROM feedback.ratings
WHERE tenant_id = %(tenant)s
    AND (%(rating)s::text IS NULL OR rating = %(rating)s)
    AND (%(id)s::uuid IS NULL OR (created_at, id) < (%(created_at)s::timestamptz, %(id)s::uuid))
ORDER BY created_at DESC, id DESC
LIMIT %(limit)s

-- name: count_days
SELECT
    (created_at AT TIME ZONE 'UTC')::date AS day,
    count(*) FILTER (WHERE rating = 'up') AS up,
    count(*) FILTER (WHERE rating = 'down') AS down
FROM feedback.ratings
WHERE tenant_id = %(tenant)s AND (created_at AT TIME ZONE 'UTC')::date > (now() AT TIME ZONE 'UTC')::date - %(days)s::int
GROUP BY day
ORDER BY day

-- name: count_reasons
SELECT reason, count(*) AS times
FROM feedback.ratings, unnest(reasons) AS reason
WHERE tenant_id = %(tenant)s AND (created_at AT TIME ZONE 'UTC')::date > (now() AT TIME ZONE 'UTC')::date - %(days)s::int
GROUP BY reason
ORDER BY times DESC, reason

-- name: ready
SELECT 1 FROM feedback.ratings LIMIT 0
