"""AWS: one file a service, all speaking through the same clients."""
