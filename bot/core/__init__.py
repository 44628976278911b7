"""What happens to a message: accepted, queued in its lane, answered."""
