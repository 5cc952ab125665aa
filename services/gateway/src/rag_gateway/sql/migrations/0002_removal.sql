-- The gateway removes documents that its caller may read; what hangs on them goes by the foreign keys.
SET LOCAL search_path = rag, public;
GRANT DELETE ON documents TO rag_app;
GRANT UPDATE ON lexical_statistics TO rag_app;

-- A collection goes only when nothing is left in it: documents that the caller cannot see keep it alive, and
-- row-level security hides them from the caller's own statement.
CREATE FUNCTION remove_empty_collection(wanted int) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = rag, pg_temp
    AS $$
BEGIN
    PERFORM 1 FROM collections WHERE tenant_id = current_tenant() AND id = wanted FOR UPDATE;
    IF EXISTS (SELECT 1 FROM documents WHERE tenant_id = current_tenant() AND collection_id = wanted) THEN
        RETURN false;
    END IF;
    DELETE FROM collections WHERE tenant_id = current_tenant() AND id = wanted;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION remove_empty_collection FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_empty_collection TO rag_app;
