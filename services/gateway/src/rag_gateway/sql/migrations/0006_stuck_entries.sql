SET LOCAL search_path = rag, public;

-- An attempt has ended, and its worker lives but could not write so into the queue, which then holds the entry for ever.
CREATE OR REPLACE FUNCTION stuck_entries(most int) RETURNS TABLE (id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = rag, pg_temp
    AS $$ SELECT q.id FROM jobs j JOIN queue.procrastinate_jobs q ON q.lock = j.id::text AND q.status = 'doing'
           WHERE j.status = 'queued' AND j.advanced_at < now() - interval '1 minute'
           ORDER BY q.id LIMIT most $$;
REVOKE ALL ON FUNCTION stuck_entries FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stuck_entries TO rag_worker;

-- A start whose end nobody told counts whole while the file is read, a tenth afterwards.
UPDATE jobs SET deaths = deaths * 10 WHERE deaths > 0;
COMMENT ON COLUMN jobs.deaths IS 'starts in a row of which nobody told the end: ten for one while the file was read, one for a later';
