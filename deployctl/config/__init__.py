"""deployctl.yaml becomes frozen settings, or a list of complaints with their cures."""
