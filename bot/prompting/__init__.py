"""How a conversation is laid out for a language model; pure."""
