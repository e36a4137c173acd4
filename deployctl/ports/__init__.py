"""The plugs: what the core asks of the outside world, as Protocols."""
