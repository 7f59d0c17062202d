"""HTTP for programs: Basic auth, JSON in and out, every error one sentence under "error"."""
