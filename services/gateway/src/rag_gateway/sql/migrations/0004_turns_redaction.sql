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
GRANT SELECT, INSERT, UPDATE (last) ON turns TO rag_app, rag_worker;

ALTER TABLE jobs ADD started_at timestamptz, ADD deaths int NOT NULL DEFAULT 0, ADD waits int NOT NULL DEFAULT 0;
COMMENT ON COLUMN jobs.deaths IS 'starts in a row of which nobody told the end';
COMMENT ON COLUMN jobs.waits IS 'attempts that ended because a part was away, since the upload or the last retry';
GRANT UPDATE (deaths, waits) ON jobs TO rag_app;
CREATE INDEX jobs_document ON jobs (tenant_id, document_id, version);
CREATE INDEX jobs_under_way ON jobs (created_at) WHERE status IN ('queued', 'running');
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
SELECT DISTINCT a.tenant_id, d.id, a.id
  FROM answers a, jsonb_array_elements(a.sources) AS source, documents d
 WHERE d.tenant_id = a.tenant_id AND d.id = (source ->> 'document_id')::uuid;
GRANT SELECT, INSERT, DELETE ON answer_documents TO rag_app;
GRANT UPDATE (query, parts, citations) ON answers TO rag_app;

-- What other services must be told, written with what happened and delivered until they answer.
CREATE TABLE outbox (
    tenant_id  int NOT NULL REFERENCES tenants ON DELETE CASCADE,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    kind       text NOT NULL CHECK (kind = 'redaction'),
    payload    jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    tries      int NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
GRANT INSERT ON outbox TO rag_app;
GRANT SELECT, DELETE, UPDATE (tries, due_at) ON outbox TO rag_worker;

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

UPDATE document_versions v SET superseded_at = now()
  FROM documents d WHERE d.tenant_id = v.tenant_id AND d.id = v.document_id AND v.version < d.current_version;

-- The sweeps across tenants.
CREATE FUNCTION undelivered(most int) RETURNS SETOF outbox
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = rag, pg_temp
    AS $$ SELECT * FROM outbox WHERE due_at <= now() ORDER BY id LIMIT most $$;
CREATE FUNCTION forget_superseded(days int, most int) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = rag, pg_temp
    AS $$
WITH old AS (
    SELECT v.tenant_id, v.document_id, v.version FROM document_versions v
     WHERE v.superseded_at < now() - make_interval(days => days)
       AND (v.text IS NOT NULL OR EXISTS (SELECT 1 FROM blobs b WHERE b.tenant_id = v.tenant_id
                                          AND b.document_id = v.document_id AND b.version = v.version))
     LIMIT most
), emptied AS (
    UPDATE document_versions v SET text = NULL FROM old
     WHERE v.tenant_id = old.tenant_id AND v.document_id = old.document_id AND v.version = old.version
), gone AS (
    DELETE FROM blobs b USING old
     WHERE b.tenant_id = old.tenant_id AND b.document_id = old.document_id AND b.version = old.version
)
SELECT count(*) FROM old $$;
CREATE FUNCTION lost_jobs(most int) RETURNS TABLE (tenant_id int, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = rag, pg_temp
    AS $$ SELECT j.tenant_id, j.id FROM jobs j
           WHERE j.status IN ('queued', 'running')
             AND NOT EXISTS (SELECT 1 FROM queue.procrastinate_jobs q
                              WHERE q.lock = j.id::text AND q.status IN ('todo', 'doing'))
           ORDER BY j.created_at LIMIT most $$;
REVOKE ALL ON FUNCTION undelivered, forget_superseded, lost_jobs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION undelivered, forget_superseded, lost_jobs TO rag_worker;
