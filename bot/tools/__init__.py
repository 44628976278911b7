"""What a model may call while it answers: the tools, and which of them are on in a channel."""
