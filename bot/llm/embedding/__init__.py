"""The embedder: texts into vectors, at any provider."""
