"""Kernels on NumPy arrays: resizing, box filters, tiles, bit depth, connected components."""
