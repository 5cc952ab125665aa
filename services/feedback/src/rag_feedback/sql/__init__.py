"""Every statement of the feedback service, by name; migrations in their own folder."""
