"""`/video`: a video in, the address of a job out, and its result there."""
