-- A service reads which version the schema has, and reports itself unready on an older one.
GRANT USAGE ON SCHEMA migrations TO rag_app, rag_worker;
GRANT SELECT ON migrations.alembic_version TO rag_app, rag_worker;

-- The gateway may enqueue; only the worker takes jobs. Arguments hold ids, never content.
GRANT USAGE ON SCHEMA queue TO rag_app, rag_worker;
GRANT SELECT, INSERT ON queue.procrastinate_jobs TO rag_app;
GRANT INSERT ON queue.procrastinate_events TO rag_app;
GRANT ALL ON ALL TABLES IN SCHEMA queue TO rag_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA queue TO rag_app, rag_worker;
