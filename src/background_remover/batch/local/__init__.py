"""Batches on this machine, by threads or processes."""
