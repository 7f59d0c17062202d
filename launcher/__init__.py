"""Starts everything with one command, keeps it running and stops it warmly."""
