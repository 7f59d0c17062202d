"""The screens of the chat: pure functions from state to Screen."""
