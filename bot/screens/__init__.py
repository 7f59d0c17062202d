"""What an admin sees: pure functions from what is known to a screen."""
