"""The HTTP service, from its socket to its answers."""
