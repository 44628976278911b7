"""What the name of a model stands for: a provider, the list of them, or a model of our own port."""
