"""What the formats of picture files hold beside what Pillow makes of them."""
