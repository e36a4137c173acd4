"""The ground: frozen facts and pure decisions; imports nothing of ours."""
