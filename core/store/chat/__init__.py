"""What only the chat keeps: drafts, live cards, prompts."""
