"""Groundwork beside its peers, measured in turns on one machine."""
