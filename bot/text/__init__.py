"""Texts in the reader's language and time zone."""
