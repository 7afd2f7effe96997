"""Training: everything that needs PyTorch. Nothing outside this folder imports it."""
