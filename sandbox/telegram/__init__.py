"""The fake Telegram: its chats and people, and its Bot API."""
