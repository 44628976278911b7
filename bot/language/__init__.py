"""What words say: terms, dates, what a question asks for, how matches rank. Pure functions."""
