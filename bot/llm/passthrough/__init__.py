"""Bodies of OpenAI's wire handed on to a provider as they are, and what comes back, as it comes."""
