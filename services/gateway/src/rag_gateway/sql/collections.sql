-- name: insert_collection
INSERT INTO collections (tenant_id, name, description, readers)
VALUES (current_tenant(), %(name)s, %(description)s, %(readers)s)
ON CONFLICT (tenant_id, name) DO NOTHING
RETURNING name

-- name: list_collections
SELECT c.name, c.description, c.readers, c.created_at,
       (SELECT count(*) FROM documents d WHERE d.tenant_id = c.tenant_id AND d.collection_id = c.id
                                           AND d.current_version IS NOT NULL) AS documents,
       (SELECT count(*) FROM chunks k WHERE k.tenant_id = c.tenant_id AND k.collection_id = c.id) AS chunks
  FROM collections c
 WHERE (%(name)s::text IS NULL OR c.name = %(name)s) AND (%(after)s::text IS NULL OR c.name > %(after)s)
 ORDER BY c.name
 LIMIT %(limit)s
