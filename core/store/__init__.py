"""The ledger, and all other data kept in Redis."""
