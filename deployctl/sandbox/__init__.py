"""An embedded cloud on loopback, for demos and tests, with no AWS account."""
