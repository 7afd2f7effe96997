"""The contract of remove.bg: its parameters and its routes."""
