"""Discord: so far, reading DiscordChatExporter files."""
