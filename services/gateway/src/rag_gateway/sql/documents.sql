-- name: find_collection
SELECT id FROM collections WHERE name = %(name)s

-- name: lock_identity
SELECT pg_advisory_xact_lock(hashtextextended(%(identity)s, current_tenant()))

-- name: find_by_identity
SELECT d.id, v.version, v.sha256, j.id AS job_id, j.status
  FROM documents d
  JOIN document_versions v ON v.tenant_id = d.tenant_id AND v.document_id = d.id
  JOIN jobs j ON j.tenant_id = v.tenant_id AND j.document_id = v.document_id AND j.version = v.version
 WHERE d.collection_id = %(collection_id)s AND d.identity = %(identity)s
 ORDER BY v.version DESC, j.created_at DESC
 LIMIT 1

-- name: insert_document
INSERT INTO documents (tenant_id, id, collection_id, identity, external_id, uri, title, file_name, metadata,
                       readers, created_by)
VALUES (current_tenant(), %(id)s, %(collection_id)s, %(identity)s, %(external_id)s, %(uri)s, %(title)s, %(file_name)s,
        %(metadata)s, %(readers)s, %(subject)s)

-- name: describe_document
UPDATE documents
   SET title = coalesce(%(title)s, title), uri = coalesce(%(uri)s, uri), metadata = coalesce(%(metadata)s, metadata),
       readers = coalesce(%(readers)s, readers), updated_at = now()
 WHERE id = %(id)s

-- name: insert_version
INSERT INTO document_versions (tenant_id, document_id, version, sha256, media_type, size_bytes)
VALUES (current_tenant(), %(id)s, %(version)s, %(sha256)s, %(media_type)s, %(size_bytes)s)

-- name: insert_blob
INSERT INTO blobs (tenant_id, document_id, version, part, bytes)
VALUES (current_tenant(), %(id)s, %(version)s, %(part)s, %(bytes)s)

-- name: insert_job
INSERT INTO jobs (tenant_id, id, document_id, version) VALUES (current_tenant(), %(job_id)s, %(id)s, %(version)s)

-- name: list_documents
SELECT d.id, c.name AS collection, d.external_id, d.uri, coalesce(d.title, d.external_id, d.file_name) AS title, d.metadata,
       d.readers, d.current_version,
       d.created_at, d.updated_at, j.id AS job_id, j.status, j.version AS latest_version
  FROM documents d
  JOIN collections c ON c.tenant_id = d.tenant_id AND c.id = d.collection_id
  JOIN LATERAL (SELECT j.id, j.status, j.version FROM jobs j WHERE j.tenant_id = d.tenant_id AND j.document_id = d.id
                 ORDER BY j.version DESC, j.created_at DESC LIMIT 1) j ON true
 WHERE (%(id)s::uuid IS NULL OR d.id = %(id)s) AND (%(collection)s::text IS NULL OR c.name = %(collection)s)
   AND (%(after)s::uuid IS NULL OR d.id > %(after)s)
 ORDER BY d.id
 LIMIT %(limit)s

-- name: read_content
SELECT v.version, v.media_type, coalesce(d.title, '') AS title, d.uri,
       substr(v.text, %(start)s + 1, %(length)s) AS text, length(v.text) AS length
  FROM documents d
  JOIN document_versions v ON v.tenant_id = d.tenant_id AND v.document_id = d.id
 WHERE d.id = %(id)s AND v.version = coalesce(%(version)s, d.current_version) AND v.text IS NOT NULL
