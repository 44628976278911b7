"""Mailing lists and other mail: mbox files are imported."""
