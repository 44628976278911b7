"""Fetching from the open web: only what everybody could reach, and only so much of it."""
