"""What is in a request: its body, its fields, and the work on it."""
