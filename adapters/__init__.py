"""One folder a platform; siblings do not know each other."""
