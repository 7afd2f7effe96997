"""Videos among the pictures of a batch."""
