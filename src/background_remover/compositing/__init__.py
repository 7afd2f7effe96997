"""The cutout over something: backgrounds, shadows, outline, layout."""
