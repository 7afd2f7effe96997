"""Kernels without opinion on NumPy arrays: resizing, box filters, tiles, bit depth, components."""
