"""python-telegram-bot behind the chat's own types."""
