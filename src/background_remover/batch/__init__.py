"""Many pictures: on this machine or on many."""
