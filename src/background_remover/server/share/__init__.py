"""Photos that other apps of a device share with the page."""
