"""WhatsApp: its exported chats are imported."""
