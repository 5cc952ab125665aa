"""The schema `feedback`, version by version."""
