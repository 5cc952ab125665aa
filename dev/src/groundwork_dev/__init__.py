"""The local runner: from settings to a running, healthy stack on one machine."""
