"""What calls through the team's OpenAI endpoint cost, beside the same calls made directly."""
