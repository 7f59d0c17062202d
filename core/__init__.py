"""What sending means: the domain, its services, the ledger and the queue behind ports."""
