"""Text Generation Inference in its own protocol."""
