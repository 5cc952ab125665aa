"""HTTP: parse, call the job, shape the reply."""
