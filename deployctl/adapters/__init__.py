"""The outside world: each file fetches from and translates for one outside service."""
