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
