"""A terminal that can move its cursor: line editing, history, completion, and what goes on."""
