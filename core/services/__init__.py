"""Use cases: one file each, for the bot, the API and the workers."""
