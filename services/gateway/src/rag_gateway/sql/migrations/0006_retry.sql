-- Who retries a job makes its waiting entry due.
GRANT UPDATE (scheduled_at) ON queue.procrastinate_jobs TO rag_app;
