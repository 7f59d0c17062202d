"""State that only the chat keeps: drafts, live cards, prompts."""
