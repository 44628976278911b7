"""The formats in which a channel's history is imported and exported."""
