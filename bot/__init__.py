"""The chat with admins and subscribers on Telegram. The only room that speaks python-telegram-bot."""
