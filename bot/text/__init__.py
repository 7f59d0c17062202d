"""Words in the reader's language and by the reader's clock."""
