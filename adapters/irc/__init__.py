"""IRC, so far as its logs go: reading Ubuntu-style channel logs."""
