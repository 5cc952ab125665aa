"""The outside thing that the feedback service reaches: PostgreSQL."""
