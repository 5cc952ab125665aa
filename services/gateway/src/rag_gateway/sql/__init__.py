"""Every statement of the gateway, by name; migrations in their own folder."""
