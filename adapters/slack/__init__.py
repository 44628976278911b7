"""Slack: so far, reading a workspace export."""
