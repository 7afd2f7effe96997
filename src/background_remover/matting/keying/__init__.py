"""Keying: the alpha of a subject on a plain ground, by the ground's colour."""
