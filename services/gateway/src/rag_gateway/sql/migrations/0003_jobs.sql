-- Whoever may read a document may end the job that ingests it, and start it again.
SET LOCAL search_path = rag, public;
GRANT UPDATE (status, stage, done, total, error_code, error_message, finished_at) ON jobs TO rag_app;
CREATE INDEX jobs_newest ON jobs (tenant_id, created_at DESC, id DESC);
