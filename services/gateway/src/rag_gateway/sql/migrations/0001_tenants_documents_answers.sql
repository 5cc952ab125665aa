-- Tables of schema `rag`. Row-level security is forced on every table with a tenant: the tenant
-- and the caller's principals are set per transaction, and unset means no rows.
CREATE SCHEMA rag;
SET LOCAL search_path = rag, public;

CREATE FUNCTION current_tenant() RETURNS int LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.tenant', true), '')::int;
CREATE FUNCTION current_principals() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    RETURN string_to_array(coalesce(current_setting('app.principals', true), ''), ',');

CREATE TABLE tenants (
    id         int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
    tenant_id     int NOT NULL REFERENCES tenants ON DELETE CASCADE,
    id            uuid NOT NULL DEFAULT gen_random_uuid(),
    prefix        text NOT NULL UNIQUE,
    hash          bytea NOT NULL,
    name          text NOT NULL,
    scopes        text[] NOT NULL,
    principals    text[] NOT NULL DEFAULT '{}',
    trusted_trace boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,
    revoked_at    timestamptz,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE collections (
    tenant_id   int NOT NULL REFERENCES tenants ON DELETE CASCADE,
    id          int GENERATED ALWAYS AS IDENTITY,
    name        text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    description text NOT NULL DEFAULT '',
    readers     text[] NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
);

CREATE TABLE documents (
    tenant_id       int NOT NULL,
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    collection_id   int NOT NULL,
    identity        text NOT NULL,
    external_id     text,
    uri             text,
    title           text,
    file_name       text NOT NULL,
    metadata        jsonb NOT NULL DEFAULT '{}',
    readers         text[] NOT NULL DEFAULT '{}',
    current_version int,
    created_by      text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, collection_id) REFERENCES collections ON DELETE CASCADE
);
CREATE INDEX documents_identity ON documents (tenant_id, collection_id, identity);
COMMENT ON COLUMN documents.identity IS
    'external:…, uri:… or sha256:…; not unique, since a document the caller cannot see counts as absent';

CREATE TABLE document_versions (
    tenant_id   int NOT NULL,
    document_id uuid NOT NULL,
    version     int NOT NULL,
    sha256      bytea NOT NULL,
    media_type  text NOT NULL,
    size_bytes  int NOT NULL,
    text        text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, document_id, version),
    FOREIGN KEY (tenant_id, document_id) REFERENCES documents ON DELETE CASCADE
);

CREATE TABLE blobs (
    tenant_id   int NOT NULL,
    document_id uuid NOT NULL,
    version     int NOT NULL,
    part        int NOT NULL,
    bytes       bytea NOT NULL,
    PRIMARY KEY (tenant_id, document_id, version, part),
    FOREIGN KEY (tenant_id, document_id, version) REFERENCES document_versions ON DELETE CASCADE
);

CREATE TABLE jobs (
    tenant_id     int NOT NULL,
    id            uuid NOT NULL DEFAULT gen_random_uuid(),
    document_id   uuid NOT NULL,
    version       int NOT NULL,
    status        text NOT NULL DEFAULT 'queued'
                  CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    stage         text CHECK (stage IN ('parse', 'split', 'embed', 'publish')),
    done          int NOT NULL DEFAULT 0,
    total         int NOT NULL DEFAULT 0,
    attempt       int NOT NULL DEFAULT 0,
    error_code    text,
    error_message text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, document_id, version) REFERENCES document_versions ON DELETE CASCADE
);
COMMENT ON COLUMN jobs.attempt IS 'raised by each start; publish checks it, so that a late worker writes nothing';

CREATE TABLE chunks (
    tenant_id     int NOT NULL,
    id            bigint GENERATED ALWAYS AS IDENTITY,
    document_id   uuid NOT NULL,
    version       int NOT NULL,
    collection_id int NOT NULL,
    start_char    int NOT NULL,
    end_char      int NOT NULL,
    page          int,
    heading       text NOT NULL,
    text          text NOT NULL,
    units         jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, document_id, version) REFERENCES document_versions ON DELETE CASCADE
);
CREATE INDEX chunks_document ON chunks (tenant_id, document_id, version);

CREATE TABLE postings (
    tenant_id int NOT NULL,
    term      bigint NOT NULL,
    chunk_id  bigint NOT NULL,
    frequency smallint NOT NULL,
    length    smallint NOT NULL,
    PRIMARY KEY (tenant_id, term, chunk_id) INCLUDE (frequency, length),
    FOREIGN KEY (tenant_id, chunk_id) REFERENCES chunks ON DELETE CASCADE
);
CREATE INDEX postings_chunk ON postings (tenant_id, chunk_id);
COMMENT ON TABLE postings IS
    'Lexical index under plain equality, the only operators that reach an index under row-level security';

CREATE TABLE lexical_statistics (
    tenant_id int PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
    chunks    bigint NOT NULL,
    length    bigint NOT NULL
);

CREATE TABLE embedding_models (
    id    int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name  text NOT NULL UNIQUE,
    dim   int NOT NULL CHECK (dim BETWEEN 1 AND 4000),
    state text NOT NULL CHECK (state IN ('building', 'active', 'retired'))
);

CREATE TABLE answers (
    tenant_id     int NOT NULL REFERENCES tenants ON DELETE CASCADE,
    id            uuid NOT NULL,
    subject       text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    question      text NOT NULL,
    query         text NOT NULL,
    parts         jsonb NOT NULL,
    sources       jsonb NOT NULL,
    citations     jsonb NOT NULL,
    dropped       int NOT NULL,
    grounded      boolean NOT NULL,
    degraded      text[] NOT NULL,
    answer_mode   text NOT NULL,
    finish_reason text NOT NULL,
    usage         jsonb NOT NULL,
    timings_ms    jsonb NOT NULL,
    model         text NOT NULL,
    prompt_version text NOT NULL,
    index_version text NOT NULL,
    trace_id      text NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON COLUMN answers.parts IS
    'the answer in order: {"text"} of the model or of ours, {"unit": span} of a source, rendered at reading time';

-- The owner migrates and runs the functions below; FORCE would bind it too.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tenants', 'api_keys', 'collections', 'documents', 'document_versions', 'blobs',
                                'jobs', 'chunks', 'postings', 'lexical_statistics', 'answers'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO rag_owner USING (true) WITH CHECK (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['api_keys', 'postings', 'lexical_statistics', 'answers'] LOOP
        EXECUTE format('CREATE POLICY tenant ON %I TO rag_app, rag_worker USING (tenant_id = current_tenant())
                        WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['collections', 'documents', 'document_versions', 'blobs', 'jobs', 'chunks'] LOOP
        EXECUTE format('CREATE POLICY worker ON %I TO rag_worker USING (tenant_id = current_tenant())
                        WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
    -- What hangs on a document is as readable as the document.
    FOREACH name IN ARRAY ARRAY['document_versions', 'blobs', 'jobs'] LOOP
        EXECUTE format('CREATE POLICY reader ON %1$I TO rag_app USING (tenant_id = current_tenant() AND EXISTS (
                            SELECT 1 FROM documents d WHERE d.tenant_id = %1$I.tenant_id AND d.id = %1$I.document_id))
                        WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END $$;
CREATE POLICY tenant ON tenants TO rag_app, rag_worker USING (id = current_tenant());
CREATE POLICY reader ON collections TO rag_app
    USING (tenant_id = current_tenant() AND (readers = '{}' OR readers && current_principals()))
    WITH CHECK (tenant_id = current_tenant());
CREATE POLICY reader ON documents TO rag_app
    USING (tenant_id = current_tenant() AND (readers = '{}' OR readers && current_principals())
           AND EXISTS (SELECT 1 FROM collections c WHERE c.tenant_id = documents.tenant_id AND c.id = collection_id))
    WITH CHECK (tenant_id = current_tenant());
-- Only the current version of a readable document is ever found.
CREATE POLICY reader ON chunks TO rag_app USING (tenant_id = current_tenant() AND EXISTS (
    SELECT 1 FROM documents d WHERE d.tenant_id = chunks.tenant_id AND d.id = chunks.document_id
                                AND d.current_version = chunks.version));

-- A key is found before its tenant is known: the one question that crosses tenants.
CREATE FUNCTION authenticate(wanted text)
    RETURNS TABLE (tenant_id int, tenant text, id uuid, hash bytea, scopes text[], principals text[],
                   trusted_trace boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = rag, pg_temp
    AS $$ SELECT k.tenant_id, t.name, k.id, k.hash, k.scopes, k.principals, k.trusted_trace
            FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
           WHERE k.prefix = wanted AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) $$;
REVOKE ALL ON FUNCTION authenticate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION authenticate TO rag_app;

GRANT USAGE ON SCHEMA rag TO rag_app, rag_worker;
GRANT SELECT ON tenants, collections, documents, document_versions, jobs, chunks, postings, lexical_statistics,
                embedding_models, answers TO rag_app;
GRANT INSERT ON collections, documents, document_versions, blobs, jobs, answers TO rag_app;
GRANT UPDATE (title, uri, metadata, readers, updated_at) ON documents TO rag_app;
GRANT SELECT ON collections, documents, document_versions, blobs, jobs, chunks, postings, lexical_statistics,
                embedding_models
    TO rag_worker;
GRANT UPDATE (current_version, title, updated_at) ON documents TO rag_worker;
GRANT UPDATE (text) ON document_versions TO rag_worker;
GRANT UPDATE ON jobs TO rag_worker;
GRANT INSERT, DELETE ON chunks, postings TO rag_worker;
GRANT INSERT, UPDATE ON lexical_statistics TO rag_worker;
