"""Every statement of the gateway, by name; migrations in their own folder."""

SCHEMA_VERSION = "0006"
"""The oldest migration that this code can work on; a newer schema serves it too (expand, then contract)."""
