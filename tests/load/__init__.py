"""Load over HTTP: `make load`, or `python -m tests.load`."""
