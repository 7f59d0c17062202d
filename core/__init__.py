"""The domain, its services, the store and the queue."""
