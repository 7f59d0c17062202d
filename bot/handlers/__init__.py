"""Handlers of buttons, commands and typed text, by subject."""
