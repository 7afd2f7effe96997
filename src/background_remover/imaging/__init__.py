"""Picture files: reading, writing, formats, metadata."""
