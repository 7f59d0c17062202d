"""The only modules that touch python-telegram-bot's types."""
