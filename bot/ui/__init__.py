"""Screens, callback data, the calendar and pagination."""
