"""`nellie doctor`: checks all that is needed, changes nothing, and says what mends a fault."""
