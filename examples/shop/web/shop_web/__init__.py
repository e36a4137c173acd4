"""The shop's pages: server-rendered HTML over the JSON API."""
