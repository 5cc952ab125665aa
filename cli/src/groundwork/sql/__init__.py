"""Statements of the command line."""
