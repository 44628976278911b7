"""Who serves models: names, addresses and keys."""
