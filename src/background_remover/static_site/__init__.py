"""The page as a static site: without a server, everything in the browser."""
