"""Tasks beside the chat: live cards, summaries, alerts, approval requests, charts."""
