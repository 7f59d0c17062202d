"""Message content: text, formatting, variables, limits and rendering."""
