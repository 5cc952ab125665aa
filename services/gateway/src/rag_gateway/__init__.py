"""The gateway: the only public API of Groundwork."""
