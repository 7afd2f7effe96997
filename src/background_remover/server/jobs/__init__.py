"""Videos that are worked on once their request has been answered."""
