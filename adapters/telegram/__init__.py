"""Telegram: its exported chats are imported."""
