"""Uploaded lists to recipients, and back."""
