"""Nellie herself by the name of a model: alone, or with the memory of a channel that is read."""
