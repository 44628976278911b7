"""Files that people post, read as passages: in a process of its own, within limits."""
