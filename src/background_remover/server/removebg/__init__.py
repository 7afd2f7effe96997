"""The API of remove.bg: its parameters, its errors, what it makes of a picture, and its routes."""
