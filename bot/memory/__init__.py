"""What each channel remembers: the window, what is found again, and what is compacted."""
