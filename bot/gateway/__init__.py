"""What programs ask, answered: keys, the models that are offered, what is saved, what it cost."""
