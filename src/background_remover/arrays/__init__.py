"""Kernels on arrays, without opinion."""
