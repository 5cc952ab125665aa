"""The command line of Groundwork; it speaks HTTP to a gateway, and only the doctor also PostgreSQL."""
