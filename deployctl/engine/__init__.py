"""The one loop that carries out a plan: journal, lease, waves, compensation, resume."""
