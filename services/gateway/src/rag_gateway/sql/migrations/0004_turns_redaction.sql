SET LOCAL search_path = rag, public;

-- Turns of tenants: a document's turn is the next of its tenant, but never before the turn that is being served
-- (start-time fair queueing: Goyal, Vin, Cheng, SIGCOMM 1996). The queue serves the lowest turn first.
CREATE TABLE ingest_clock (one bool PRIMARY KEY DEFAULT true CHECK (one), turn int NOT NULL);
COMMENT ON TABLE ingest_clock IS 'one row: the highest turn that has been started, of all tenants';
INSERT INTO ingest_clock (turn) VALUES (0);
CREATE TABLE turns (
    tenant_id int PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
    last      int NOT NULL
);
GRANT SELECT ON ingest_clock TO rag_app, rag_worker;
GRANT UPDATE (turn) ON ingest_clock TO rag_worker;
GRANT SELECT, INSERT, UPDATE (last) ON turns TO rag_app;

ALTER TABLE jobs ADD started_at timestamptz;
CREATE INDEX jobs_document ON jobs (tenant_id, document_id, version);
CREATE INDEX jobs_running ON jobs (tenant_id) WHERE status = 'running';
CREATE INDEX jobs_succeeded ON jobs (tenant_id, finished_at DESC) WHERE status = 'succeeded';
ALTER TABLE document_versions ADD superseded_at timestamptz;
GRANT UPDATE (superseded_at) ON document_versions TO rag_worker;
GRANT SELECT ON blobs TO rag_app;
GRANT UPDATE (identity) ON documents TO rag_app;
CREATE INDEX documents_newest ON documents (tenant_id, collection_id, created_at DESC, id DESC);

-- Which answers were given from which documents, under plain equality as row-level security needs it.
CREATE TABLE answer_documents (
    tenant_id   int NOT NULL,
    document_id uuid NOT NULL,
    answer_id   uuid NOT NULL,
    PRIMARY KEY (tenant_id, document_id, answer_id),
    FOREIGN KEY (tenant_id, answer_id) REFERENCES answers ON DELETE CASCADE
);
INSERT INTO answer_documents
SELECT DISTINCT a.tenant_id, (source ->> 'document_id')::uuid, a.id
  FROM answers a, jsonb_array_elements(a.sources) AS source;
GRANT SELECT, INSERT, DELETE ON answer_documents TO rag_app;
GRANT UPDATE (parts, citations) ON answers TO rag_app;

-- What other services must be told, written with what happened and delivered until they answer.
CREATE TABLE outbox (
    tenant_id  int NOT NULL REFERENCES tenants ON DELETE CASCADE,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    kind       text NOT NULL CHECK (kind = 'redaction'),
    payload    jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
GRANT INSERT ON outbox TO rag_app;
GRANT SELECT, DELETE ON outbox TO rag_worker;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['turns', 'answer_documents', 'outbox'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO rag_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY tenant ON %I TO rag_app, rag_worker USING (tenant_id = current_tenant())
                        WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END $$;

-- The sweeps across tenants.
CREATE FUNCTION undelivered(most int) RETURNS SETOF outbox
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = rag, pg_temp
    AS $$ SELECT * FROM outbox ORDER BY id LIMIT most $$;
CREATE FUNCTION forget_superseded(days int) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = rag, pg_temp
    AS $$
WITH old AS (
    UPDATE document_versions SET text = NULL
     WHERE superseded_at < now() - make_interval(days => days) AND text IS NOT NULL
    RETURNING tenant_id, document_id, version
), gone AS (
    DELETE FROM blobs b USING old
     WHERE b.tenant_id = old.tenant_id AND b.document_id = old.document_id AND b.version = old.version
)
SELECT count(*) FROM old $$;
REVOKE ALL ON FUNCTION undelivered, forget_superseded FROM PUBLIC;
GRANT EXECUTE ON FUNCTION undelivered, forget_superseded TO rag_worker;
