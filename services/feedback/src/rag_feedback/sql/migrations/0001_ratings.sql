-- Feedback is kept apart from answers: this role cannot read them, and the gateway's role cannot read this.
CREATE TABLE feedback.ratings (
    tenant_id      int NOT NULL,
    id             uuid NOT NULL DEFAULT gen_random_uuid(),
    subject        text NOT NULL,
    answer_id      uuid NOT NULL,
    rating         text NOT NULL CHECK (rating IN ('up', 'down')),
    reasons        text[] NOT NULL,
    comment        text CHECK (length(comment) <= 4000),
    correction     text CHECK (length(correction) <= 8000),
    verdicts       jsonb NOT NULL,
    trace_id       text NOT NULL,
    model          text NOT NULL,
    prompt_version text NOT NULL,
    index_version  text NOT NULL,
    sources        jsonb NOT NULL,  -- spans and ids, never text
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, subject, answer_id)
);
CREATE INDEX ratings_newest ON feedback.ratings (tenant_id, created_at DESC, id DESC);

ALTER TABLE feedback.ratings ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback.ratings FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON feedback.ratings TO rag_feedback
    USING (tenant_id = NULLIF(current_setting('app.tenant', true), '')::int)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant', true), '')::int);
CREATE POLICY owner ON feedback.ratings TO rag_owner USING (true) WITH CHECK (true);

GRANT USAGE ON SCHEMA feedback TO rag_feedback;
GRANT SELECT, INSERT, UPDATE, DELETE ON feedback.ratings TO rag_feedback;
