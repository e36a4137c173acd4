"""Preflight: questions that must be answered well before anything is touched."""
