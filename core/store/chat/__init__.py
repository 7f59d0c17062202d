"""State of the chat alone: drafts, live cards, prompts."""
