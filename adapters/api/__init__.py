"""An OpenAI endpoint for programs: the wire, and nothing behind it."""
