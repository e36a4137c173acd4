"""The roof: one command a file, from arguments to an exit code."""
