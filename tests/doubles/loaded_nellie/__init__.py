"""`nellie` as a process that need not load itself: for the many tests that start one."""

from doubles.loaded_nellie.starting import start_at_terminal, start_nellie

__all__ = ["start_at_terminal", "start_nellie"]
