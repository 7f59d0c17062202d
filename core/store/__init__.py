"""The ledger and its neighbours on Redis."""
