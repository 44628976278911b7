"""`nellie compare`: the same prompts to several models, side by side."""
