"""What the `nellie` command does; bot.__main__ parses its arguments."""
