"""What a run measured, for the report: a module of its own, since pytest loads conftest.py under another name."""

MEASURED: dict[str, object] = {}
COLLECTION = "harbour"
"""The collection with the fact that every test asks for."""
