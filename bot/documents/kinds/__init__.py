"""What can be read, a module for each family: `read(source)` yields the blocks of a file."""
