"""Writes the pages and pictures of docs/ that would go stale if a person had to keep them."""
