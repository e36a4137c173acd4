"""Images: reading contexts, making images with what is there, and the registry's HTTP door."""
