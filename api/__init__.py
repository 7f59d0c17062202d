"""The HTTP API: Basic auth, JSON in and out, errors as one sentence under "error"."""
