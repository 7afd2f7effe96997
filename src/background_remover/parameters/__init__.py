"""The values of options: read, checked, and brought to one type."""
