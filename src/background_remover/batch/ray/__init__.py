"""Batches on a cluster, by Ray."""
