-- The service reads which version the schema has, so that it can wait for it.
GRANT SELECT ON feedback.alembic_version TO rag_feedback;
