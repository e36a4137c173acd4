"""deployctl takes a git commit to production on AWS and back, and tells the truth about it."""

__version__ = "0.1.0"
