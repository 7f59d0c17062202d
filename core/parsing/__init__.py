"""Text that a person typed to values."""
