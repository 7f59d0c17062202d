"""The ledger and everything else that is kept, on Redis or Valkey, behind the ports of the core."""
