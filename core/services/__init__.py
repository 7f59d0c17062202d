"""Use cases: one file each, for the bot, the API and the workers.

The classes are named after their subject; with "Service" behind it where the subject alone is a value, as Series is.
"""
