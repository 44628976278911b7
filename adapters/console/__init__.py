"""The console: one person at a terminal, or a pipe."""
