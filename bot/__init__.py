"""Nellie's core: conversation, memory and delivery. It knows no platform."""

__version__ = "0.1.0"
