"""The worker: takes jobs, sends them through the messengers and records the outcomes."""
