"""Zulip: exports of an organization are imported."""
