"""Videos: each frame cut out, with every time stamp and the sound kept."""
