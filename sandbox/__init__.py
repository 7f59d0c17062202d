"""Fake Telegram, WhatsApp and Viber servers, and a page with the chat and the recipients' phones."""
