-- One embedding model's vectors, apart from the chunks, so that a model can be replaced blue/green.
CREATE TABLE IF NOT EXISTS {table} (
    tenant_id int NOT NULL,
    chunk_id  bigint NOT NULL,
    embedding halfvec({dim}) NOT NULL,
    PRIMARY KEY (tenant_id, chunk_id),
    FOREIGN KEY (tenant_id, chunk_id) REFERENCES chunks ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS {index} ON {table} USING hnsw (embedding halfvec_cosine_ops);
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS owner ON {table};
DROP POLICY IF EXISTS tenant ON {table};
CREATE POLICY owner ON {table} TO rag_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant ON {table} TO rag_app, rag_worker
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT ON {table} TO rag_app;
GRANT SELECT, INSERT, DELETE ON {table} TO rag_worker;
