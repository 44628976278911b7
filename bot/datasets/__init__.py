"""Answers that were rated or corrected, as data to train a model with (`nellie dataset`)."""
