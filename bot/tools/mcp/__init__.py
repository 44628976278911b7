"""Servers of the Model Context Protocol, whose tools a model may call (extra `mcp`)."""
