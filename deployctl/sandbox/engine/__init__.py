"""The sandbox's container engine: the few Docker Engine API calls that the embedded cloud makes."""
