"""The API of rembg's server: its parameters and its routes."""
