"""Screens: they are told events and show them; none is ever asked a question."""
