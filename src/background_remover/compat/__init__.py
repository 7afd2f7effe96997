"""Other packages' interfaces, on the networks of this one."""
