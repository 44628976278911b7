"""What may be asked and spent, and how many calls of a model run at once."""
