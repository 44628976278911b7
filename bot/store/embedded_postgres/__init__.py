"""A Postgres of our own, for a laptop."""
