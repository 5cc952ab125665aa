-- A foreign key is checked row by row, some forty times a passage: about a third of what publishing one cost. Postings
-- are written in the transaction that writes their passage and go with it by one statement.
SET LOCAL search_path = rag, public;

CREATE FUNCTION remove_postings() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = rag, pg_temp
    AS $$
BEGIN
    DELETE FROM postings p USING gone WHERE p.tenant_id = gone.tenant_id AND p.chunk_id = gone.id;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION remove_postings FROM PUBLIC;
CREATE TRIGGER remove_postings AFTER DELETE ON chunks REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION remove_postings();
ALTER TABLE postings DROP CONSTRAINT postings_tenant_id_chunk_id_fkey;

ALTER TABLE documents ADD named bool NOT NULL DEFAULT true;
COMMENT ON COLUMN documents.named IS 'its title was given; else it is the current version''s own';
GRANT UPDATE (named) ON documents TO rag_app;

ALTER TABLE jobs ADD advanced_at timestamptz;
COMMENT ON COLUMN jobs.advanced_at IS 'when the running attempt was last heard of';

-- What was said with new bytes holds once they are published: until then the old text keeps its old readers, and the
-- new bytes are for those alone who may read both.
ALTER TABLE document_versions ADD said jsonb NOT NULL DEFAULT '{}', ADD notices jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN document_versions.said IS 'title, uri, metadata, readers, file_name that take effect with it';
COMMENT ON COLUMN document_versions.notices IS '[{"code", "message"}]: what could not be read of it';
GRANT UPDATE (said) ON document_versions TO rag_app;
GRANT UPDATE (said, notices) ON document_versions TO rag_worker;
GRANT UPDATE (named, uri, metadata, readers, file_name) ON documents TO rag_worker;
DROP POLICY reader ON blobs;
CREATE POLICY reader ON blobs TO rag_app USING (tenant_id = current_tenant() AND EXISTS (
    SELECT 1 FROM document_versions v
     WHERE v.tenant_id = blobs.tenant_id AND v.document_id = blobs.document_id AND v.version = blobs.version
       AND (coalesce(v.said -> 'readers', '[]') = '[]' OR v.said -> 'readers' ?| current_principals())))
    WITH CHECK (tenant_id = current_tenant());

-- Who retries a job makes its waiting entry due.
GRANT UPDATE (scheduled_at) ON queue.procrastinate_jobs TO rag_app;
