"""Discord: servers, their threads and direct messages, by discord.py."""
