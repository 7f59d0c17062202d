"""What the bot, the API and the workers ask the core to do."""
