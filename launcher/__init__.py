"""Supervises all programs: start, restart on exit, graceful shutdown."""
