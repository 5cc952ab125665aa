"""The charts without a cluster: rendered, packaged, against goldens and rules."""
