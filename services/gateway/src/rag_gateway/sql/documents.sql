-- name: find_collection
SELECT id FROM collections WHERE name = %(name)s

-- name: lock_identity
SELECT pg_advisory_xact_lock(hashtextextended(%(identity)s, current_tenant()))

-- name: find_by_identity
SELECT d.id, d.current_version, v.version, v.sha256, v.said, j.id AS job_id, j.status
  FROM documents d
  JOIN document_versions v ON v.tenant_id = d.tenant_id AND v.document_id = d.id
  JOIN jobs j ON j.tenant_id = v.tenant_id AND j.document_id = v.document_id AND j.version = v.version
 WHERE d.collection_id = %(collection_id)s AND d.identity = %(identity)s
 ORDER BY v.version DESC, j.created_at DESC
 LIMIT 1

-- name: insert_document
INSERT INTO documents (tenant_id, id, collection_id, identity, external_id, uri, title, named, file_name,
                       metadata, readers, created_by)
VALUES (current_tenant(), %(id)s, %(collection_id)s, %(identity)s, %(external_id)s, %(uri)s, %(title)s,
        %(title)s::text IS NOT NULL, %(file_name)s, %(metadata)s, %(readers)s, %(subject)s)

-- name: describe_document
UPDATE documents
   SET title = coalesce(%(title)s, title), named = named OR %(title)s::text IS NOT NULL, uri = coalesce(%(uri)s, uri),
       metadata = coalesce(%(metadata)s, metadata), readers = coalesce(%(readers)s, readers), updated_at = now()
 WHERE id = %(id)s

-- name: change_document
UPDATE documents
   SET title = CASE WHEN %(sets_title)s THEN %(title)s ELSE title END,
       named = CASE WHEN %(sets_title)s THEN %(title)s::text IS NOT NULL ELSE named END,
       uri = CASE WHEN %(sets_uri)s THEN %(uri)s ELSE uri END,
       identity = CASE WHEN %(sets_uri)s THEN %(identity)s ELSE identity END,
       metadata = CASE WHEN %(sets_metadata)s THEN %(metadata)s ELSE metadata END,
       readers = CASE WHEN %(sets_readers)s THEN %(readers)s ELSE readers END,
       updated_at = now()
 WHERE id = %(id)s

-- name: lock_document
SELECT current_version FROM documents WHERE id = %(id)s FOR NO KEY UPDATE

-- name: say_of_version
UPDATE document_versions SET said = said || %(said)s WHERE document_id = %(id)s AND version = %(version)s

-- What is changed by itself is not changed again by a version that comes later.
-- name: unsay_of_versions
UPDATE document_versions SET said = said - %(names)s::text[] WHERE document_id = %(id)s

-- name: insert_version
WITH touched AS (UPDATE documents SET updated_at = now() WHERE id = %(id)s)
INSERT INTO document_versions (tenant_id, document_id, version, sha256, media_type, size_bytes, said)
VALUES (current_tenant(), %(id)s, %(version)s, %(sha256)s, %(media_type)s, %(size_bytes)s, %(said)s)

-- name: insert_blob
INSERT INTO blobs (tenant_id, document_id, version, part, bytes)
VALUES (current_tenant(), %(id)s, %(version)s, %(part)s, %(bytes)s)

-- name: insert_job
INSERT INTO jobs (tenant_id, id, document_id, version) VALUES (current_tenant(), %(job_id)s, %(id)s, %(version)s)

-- name: list_documents
SELECT d.id, c.name AS collection, d.external_id, d.uri, coalesce(d.title, d.external_id, d.file_name) AS title,
       d.file_name, d.metadata, d.readers, d.current_version, d.created_at, d.updated_at, v.media_type, v.size_bytes, v.sha256,
       v.notices, j.id AS job_id, j.status, j.error_code, j.error_message, j.version AS latest_version
  FROM documents d
  JOIN collections c ON c.tenant_id = d.tenant_id AND c.id = d.collection_id
  JOIN LATERAL (SELECT j.id, j.status, j.version, j.error_code, j.error_message
                  FROM jobs j WHERE j.tenant_id = d.tenant_id AND j.document_id = d.id
                 ORDER BY j.version DESC, j.created_at DESC LIMIT 1) j ON true
  JOIN document_versions v ON v.tenant_id = d.tenant_id AND v.document_id = d.id AND v.version = j.version
 WHERE (%(id)s::uuid IS NULL OR d.id = %(id)s) AND (%(collection)s::text IS NULL OR c.name = %(collection)s)
   AND (%(before)s::timestamptz IS NULL OR (d.created_at, d.id) < (%(before)s, %(before_id)s))
 ORDER BY d.created_at DESC, d.id DESC
 LIMIT %(limit)s

-- name: list_versions
SELECT v.version, v.version = d.current_version AS current, v.text IS NOT NULL AS text, v.media_type, v.size_bytes, v.sha256,
       v.notices, v.created_at, j.id AS job_id, j.status, j.error_code, j.error_message
  FROM documents d
  JOIN document_versions v ON v.tenant_id = d.tenant_id AND v.document_id = d.id
  JOIN jobs j ON j.tenant_id = v.tenant_id AND j.document_id = v.document_id AND j.version = v.version
 WHERE d.id = %(id)s AND (%(before)s::int IS NULL OR v.version < %(before)s)
 ORDER BY v.version DESC
 LIMIT %(limit)s

-- name: find_file
SELECT v.version, v.size_bytes, coalesce(nullif(d.file_name, ''), d.external_id, d.title, 'document') AS name
  FROM documents d
  JOIN document_versions v ON v.tenant_id = d.tenant_id AND v.document_id = d.id
 WHERE d.id = %(id)s AND (%(version)s::int IS NULL OR v.version = %(version)s)
   AND EXISTS (SELECT 1 FROM blobs b WHERE b.tenant_id = v.tenant_id AND b.document_id = v.document_id AND b.version = v.version)
 ORDER BY v.version DESC
 LIMIT 1

-- name: read_part
SELECT b.bytes FROM blobs b WHERE b.document_id = %(id)s AND b.version = %(version)s AND b.part = %(part)s

-- name: find_document
SELECT d.id, d.collection_id, d.external_id, d.identity,
       (SELECT v.sha256 FROM document_versions v WHERE v.tenant_id = d.tenant_id AND v.document_id = d.id
         ORDER BY v.version DESC LIMIT 1) AS sha256
  FROM documents d WHERE d.id = %(id)s

-- name: read_content
SELECT v.version, v.media_type, coalesce(d.title, '') AS title, d.uri,
       substr(v.text, %(start)s + 1, %(length)s) AS text, length(v.text) AS length
  FROM documents d
  JOIN document_versions v ON v.tenant_id = d.tenant_id AND v.document_id = d.id
 WHERE d.id = %(id)s AND v.version = coalesce(%(version)s, d.current_version) AND v.text IS NOT NULL
