"""The process: cores, memory, signals, streams, exit statuses."""
