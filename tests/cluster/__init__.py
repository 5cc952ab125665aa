"""The packaged chart on a real cluster: `make test-cluster`."""
