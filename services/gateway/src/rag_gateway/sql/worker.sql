-- Tenths of a death: one that nobody told of before the file was read counts whole, a later one is hardly its doing.
-- name: start_job
UPDATE jobs SET status = 'running', stage = 'parse', attempt = attempt + 1, done = 0, total = 0, started_at = now(),
                advanced_at = now(), deaths = deaths + 10, error_code = NULL, error_message = NULL
 WHERE id = %(id)s AND status IN ('queued', 'running')
RETURNING id, document_id, version, attempt, deaths, waits

-- name: read_version
SELECT v.media_type,
       coalesce(v.said ->> 'title', CASE WHEN d.named THEN d.title END, d.external_id,
                nullif(coalesce(v.said ->> 'file_name', d.file_name), ''), d.uri, 'Untitled') AS name,
       (SELECT string_agg(b.bytes, '' ORDER BY b.part) FROM blobs b
         WHERE b.tenant_id = v.tenant_id AND b.document_id = v.document_id AND b.version = v.version) AS bytes
  FROM document_versions v
  JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
 WHERE v.document_id = %(document_id)s AND v.version = %(version)s

-- name: advance_job
UPDATE jobs SET stage = %(stage)s, done = %(done)s, total = %(total)s, advanced_at = now(),
                deaths = CASE WHEN %(stage)s = 'embed' AND stage <> 'embed' THEN deaths - 9 ELSE deaths END
 WHERE id = %(id)s AND attempt = %(attempt)s AND status = 'running'
RETURNING id

-- The fence of a publication, in its transaction: no row for an attempt that was cancelled or overtaken.
-- name: succeed_job
UPDATE jobs SET status = 'succeeded', stage = 'publish', done = %(total)s, total = %(total)s, finished_at = now(),
                error_code = NULL, error_message = NULL
 WHERE id = %(id)s AND attempt = %(attempt)s AND status = 'running'
RETURNING id

-- name: end_job
UPDATE jobs SET status = %(status)s, error_code = %(code)s, error_message = %(message)s,
                finished_at = CASE WHEN %(status)s = 'queued' THEN NULL ELSE now() END, deaths = 0,
                waits = waits + (%(status)s = 'queued')::int
 WHERE id = %(id)s AND attempt = %(attempt)s AND status = 'running'
RETURNING id

-- name: lock_document
SELECT d.collection_id, d.current_version FROM documents d WHERE d.id = %(document_id)s FOR NO KEY UPDATE

-- name: store_text
UPDATE document_versions SET text = %(text)s, notices = %(notices)s::jsonb
 WHERE document_id = %(document_id)s AND version = %(version)s

-- name: insert_chunks
INSERT INTO chunks (tenant_id, document_id, version, collection_id, start_char, end_char, page, heading, text, units)
SELECT current_tenant(), %(document_id)s, %(version)s, %(collection_id)s, c.*
  FROM unnest(%(starts)s::int[], %(ends)s::int[], %(pages)s::int[], %(headings)s::text[], %(texts)s::text[],
              %(units)s::jsonb[]) AS c
RETURNING id

-- name: insert_vectors
INSERT INTO active_vectors (tenant_id, chunk_id, embedding)
SELECT current_tenant(), v.* FROM unnest(%(ids)s::bigint[], %(vectors)b::halfvec[]) AS v

-- name: insert_postings
INSERT INTO postings (tenant_id, term, chunk_id, frequency, length)
SELECT current_tenant(), p.* FROM unnest(%(terms)s::bigint[], %(ids)s::bigint[], %(frequencies)s::smallint[],
                                         %(lengths)s::smallint[]) AS p

-- name: replace_chunks
WITH old AS (
    SELECT c.id, (SELECT p.length FROM postings p WHERE p.tenant_id = c.tenant_id AND p.chunk_id = c.id LIMIT 1) AS length
      FROM chunks c WHERE c.document_id = %(document_id)s AND c.version <> %(version)s
), gone AS (
    DELETE FROM chunks WHERE id IN (SELECT id FROM old)
)
INSERT INTO lexical_statistics AS s (tenant_id, chunks, length)
SELECT current_tenant(), %(chunks)s - count(*), %(length)s - coalesce(sum(length), 0) FROM old
ON CONFLICT (tenant_id) DO UPDATE SET chunks = s.chunks + excluded.chunks, length = s.length + excluded.length

-- name: supersede_versions
UPDATE document_versions SET superseded_at = now()
 WHERE document_id = %(document_id)s AND version < %(version)s AND superseded_at IS NULL

-- name: point_to_version
WITH new AS (
    SELECT said FROM document_versions WHERE document_id = %(document_id)s AND version = %(version)s
), told AS (
    UPDATE document_versions SET said = '{}' WHERE document_id = %(document_id)s AND version <= %(version)s
)
UPDATE documents d
   SET current_version = %(version)s, updated_at = now(), named = d.named OR new.said ? 'title',
       title = coalesce(new.said ->> 'title', CASE WHEN d.named THEN d.title END, %(title)s),
       uri = coalesce(new.said ->> 'uri', d.uri), metadata = coalesce(new.said -> 'metadata', d.metadata),
       file_name = coalesce(new.said ->> 'file_name', d.file_name),
       readers = CASE WHEN new.said ? 'readers' THEN ARRAY(SELECT jsonb_array_elements_text(new.said -> 'readers'))
                      ELSE d.readers END
  FROM new WHERE d.id = %(document_id)s

-- name: active_model
SELECT name FROM embedding_models WHERE state = 'active'

-- name: serve_turn
UPDATE ingest_clock SET turn = greatest(turn, %(turn)s)

-- name: undelivered
SELECT tenant_id, id, payload FROM undelivered(%(most)s)

-- name: put_off
UPDATE outbox SET tries = tries + 1, due_at = now() + least(interval '1 hour', interval '2 seconds' * 2 ^ least(tries, 11))
 WHERE id = %(id)s

-- name: delivered
DELETE FROM outbox WHERE id = %(id)s

-- name: forget_superseded
SELECT forget_superseded(%(days)s, %(most)s) AS forgotten
