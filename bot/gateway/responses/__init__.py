"""The Responses wire over any model that speaks Chat Completions, both ways."""
