"""Messengers: traits, capabilities, outcomes, retry rules and events."""
