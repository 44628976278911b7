"""What is not asked twice: equal calls, answers without chance, texts to embed side by side."""
