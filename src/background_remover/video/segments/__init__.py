"""Segments of a video: written one by one, so that a run that was ended goes on, and joined without encoding again."""
