"""Training: everything that needs PyTorch."""
