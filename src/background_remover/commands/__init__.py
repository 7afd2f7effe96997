"""The commands, a file for each; `cli` loads the one that is asked for."""
