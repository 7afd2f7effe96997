"""The cutout over a background: compositing, shadows, outline, layout on a canvas."""
