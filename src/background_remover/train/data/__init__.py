"""Pictures to train on: found, decoded, augmented."""
