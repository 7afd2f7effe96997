"""The formats of picture files: which are read and written, their suffixes and their limits."""

READABLE = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp", ".dib"),
    "GIF": (".gif",),
    "AVIF": (".avif", ".avifs"),
    "HEIC": (".heic", ".heics", ".heif", ".heifs", ".hif"),
}
"""What is read, the last by an extra: Pillow's name of a format -> what the names of such files end in."""
SUFFIXES = tuple(suffix for suffixes in READABLE.values() for suffix in suffixes)
"""The names of pictures end in one of these; a file that is named by itself may end in anything."""

WRITABLE = {
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".avif": "AVIF",
    ".gif": "GIF",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".bmp": "BMP",
}
"""A file's suffix -> Pillow's name of its format."""
MOVING = ("GIF", "WEBP", "PNG")  # what can hold several frames
LONGEST = {"WEBP": 16_383, "JPEG": 65_500, "GIF": 65_535, "AVIF": 65_536}
"""Pillow's name of a format -> the most pixels that a side of it can have."""
