"""Schema versions, applied in order of their numbers."""
