"""What single formats need beside Pillow."""
