"""A model file on this machine, in a process of its own."""
